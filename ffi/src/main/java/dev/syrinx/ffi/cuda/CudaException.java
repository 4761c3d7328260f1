package dev.syrinx.ffi.cuda;

import dev.syrinx.ffi.NativeException;
import java.io.Serial;

/** A CUDA driver call that returned an error: "cuInit: CUDA_ERROR_NO_DEVICE (100), no CUDA-capable device is detected". */
public sealed class CudaException extends NativeException permits DeviceOutOfMemoryException, ContextLostException {
  @Serial private static final long serialVersionUID = 1L;

  private final String call;
  private final int status;

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
