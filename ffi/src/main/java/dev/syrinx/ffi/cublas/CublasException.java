package dev.syrinx.ffi.cublas;

import dev.syrinx.ffi.NativeException;
import java.io.Serial;

/** A cuBLASLt call that returned an error. The message begins with the call and its shape. */
public final class CublasException extends NativeException {
  @Serial private static final long serialVersionUID = 1L;

  private final int status;

  CublasException(String call, int status) {
    super(call + ": " + name(status) + " (" + status + "); " + remedy(status));
    this.status = status;
  }

  /** The cublasStatus_t. */
  public int status() {
    return status;
  }

  private static String name(int status) {
    return switch (status) {
      case 1 -> "CUBLAS_STATUS_NOT_INITIALIZED";
      case 3 -> "CUBLAS_STATUS_ALLOC_FAILED";
      case 7 -> "CUBLAS_STATUS_INVALID_VALUE";
      case 8 -> "CUBLAS_STATUS_ARCH_MISMATCH";
      case 11 -> "CUBLAS_STATUS_MAPPING_ERROR";
      case 13 -> "CUBLAS_STATUS_EXECUTION_FAILED";
      case 14 -> "CUBLAS_STATUS_INTERNAL_ERROR";
      case 15 -> "CUBLAS_STATUS_NOT_SUPPORTED";
      case 16 -> "CUBLAS_STATUS_LICENSE_ERROR";
      default -> "cuBLAS error";
    };
  }

  private static String remedy(int status) {
    return switch (status) {
      case 1 -> "it cannot use the device: check that the library is of the driver's CUDA version or older";
      case 3 -> "it has no memory: close other programs that use the GPU";
      case 7, 15 -> "the library has no product of these types, strides and alignment";
      default -> "check that nvidia-smi works";
    };
  }
}
