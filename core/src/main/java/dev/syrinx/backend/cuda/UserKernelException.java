package dev.syrinx.backend.cuda;

import java.io.Serial;

/** A kernel that somebody brought and that cannot be used: it does not load, has other parameters, or computes something else. */
public final class UserKernelException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public UserKernelException(String message) {
    super(message);
  }

  public UserKernelException(String message, Throwable cause) {
    super(message, cause);
  }
}
