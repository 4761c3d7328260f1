package dev.syrinx.ffi.cuda;

import dev.syrinx.ffi.NativeException;
import java.io.Serial;

/** A CUDA driver call that returned an error: "cuInit: CUDA_ERROR_NO_DEVICE (100), no CUDA-capable device is detected". */
public sealed class CudaException extends NativeException permits DeviceOutOfMemoryException, ContextLostException {
  @Serial private static final long serialVersionUID = 1L;

  private final String call;
  private final int status;
  private final String meaning;

  /**
   * An error status.
   *
   * @param call the function, with the arguments that matter
   * @param status its CUresult
   * @param meaning the driver's name and text for it, and what to try
   */
  public CudaException(String call, int status, String meaning) {
    super(call + ": " + meaning);
    this.call = call;
    this.status = status;
    this.meaning = meaning;
  }

  /** The same failure, told with what was being computed: a call with its shapes. */
  public final CudaException during(String what) {
    return retold(call + " in " + what);
  }

  /** The same failure, told with what ran last: the device reports errors late. */
  public final CudaException after(String what) {
    return retold(call + " after " + what);
  }

  private CudaException retold(String where) {
    CudaException told = copy(where, meaning);
    told.initCause(this);
    return told;
  }

  CudaException copy(String where, String what) {
    return new CudaException(where, status, what);
  }

  /** The function, with the arguments that matter. */
  public String call() {
    return call;
  }

  /** The CUresult. */
  public int status() {
    return status;
  }
}
