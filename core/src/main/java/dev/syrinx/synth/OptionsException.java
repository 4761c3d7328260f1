package dev.syrinx.synth;

import java.io.Serial;

/** Options that cannot be honoured, alone or together. The message says which, why, and what to choose instead. */
public final class OptionsException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public OptionsException(String message) {
    super(message);
  }
}
