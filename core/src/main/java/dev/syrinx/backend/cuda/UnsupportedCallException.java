package dev.syrinx.backend.cuda;

import java.io.Serial;

/** A call that no CUDA variant of its kernel takes. A backend declines, it never guesses. */
public final class UnsupportedCallException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public UnsupportedCallException(String message) {
    super(message);
  }
}
