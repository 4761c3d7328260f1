package dev.syrinx.ffi;

import java.io.Serial;

/** A call into native code that failed. The message names the library or the call, and what to try. */
public class NativeException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** A failure that native code reported. */
  public NativeException(String message) {
    super(message);
  }

  /** A failure on the way to native code. */
  public NativeException(String message, Throwable cause) {
    super(message, cause);
  }
}
