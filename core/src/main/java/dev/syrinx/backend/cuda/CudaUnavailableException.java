package dev.syrinx.backend.cuda;

import java.io.Serial;

/** The engine cannot run on a GPU here: no driver, no such device, or a build without kernels. The message says why and what to do. */
public final class CudaUnavailableException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public CudaUnavailableException(String reason, String remedy) {
    super(reason + "; " + remedy);
  }

  public CudaUnavailableException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
