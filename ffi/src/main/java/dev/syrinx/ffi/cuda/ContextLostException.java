package dev.syrinx.ffi.cuda;

import java.io.Serial;

/**
 * A kernel did something that the device cannot forgive, such as a write outside of memory. Every later call in this process's context fails, too. The error may belong to
 * an earlier call than the one that reports it, because launches are asynchronous.
 */
public final class ContextLostException extends CudaException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * An error that stays.
   *
   * @param call the call that reported it
   * @param status its CUresult
   * @param meaning the driver's name and text for it, and what to try
   */
  public ContextLostException(String call, int status, String meaning) {
    super(call, status, meaning);
  }

  @Override
  CudaException copy(String where, String what) {
    return new ContextLostException(where, status(), what);
  }
}
