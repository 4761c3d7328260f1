package dev.syrinx.weights;

import java.io.Serial;

/** A model file that cannot be used. The message says which file, what is wrong with it and, where there is one, the remedy. */
public final class CheckpointException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** A problem found by looking at the contents. */
  public CheckpointException(String message) {
    super(message);
  }

  /** A problem that another error revealed. */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
