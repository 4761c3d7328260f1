package dev.syrinx.ffi.cuda;

import java.io.Serial;

/** The device has no room for an allocation. Nothing is lost: the context works on, and a smaller request may succeed. */
public final class DeviceOutOfMemoryException extends CudaException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * A refused allocation.
   *
   * @param call what was asked for
   * @param meaning why there is no room, and what to try
   */
  public DeviceOutOfMemoryException(String call, String meaning) {
    super(call, CudaStatus.OUT_OF_MEMORY.code(), meaning);
  }

  @Override
  CudaException copy(String where, String what) {
    return new DeviceOutOfMemoryException(where, what);
  }
}
