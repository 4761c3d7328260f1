package dev.syrinx.ffi.cuda;

/** The driver's error numbers that a user can do something about, with the remedy. Names and numbers: CUresult in the CUDA driver API. */
enum CudaStatus {
  OUT_OF_MEMORY(2, "close other programs that use the GPU, or use a smaller precision"),
  STUB_LIBRARY(34, "the library found is the toolkit's stub: take its folder out of the library path, so that the driver's own is found"),
  DEVICE_UNAVAILABLE(46, "another process holds the GPU exclusively: wait for it, or set the compute mode to default"),
  NO_DEVICE(100, "check that nvidia-smi lists a GPU, that CUDA_VISIBLE_DEVICES does not hide it, and that a container was given GPUs"),
  SYSTEM_NOT_READY(802, "the NVSwitch fabric is not up: start nvidia-fabricmanager"),
  SYSTEM_DRIVER_MISMATCH(803, "the driver was updated while its old kernel module is loaded: reboot, or restart the container"),
  COMPAT_NOT_SUPPORTED_ON_DEVICE(804, "the forward-compatibility library does not serve this GPU: take it out of the library path"),
  OTHER(-1, "check that nvidia-smi works; reinstall the NVIDIA driver if it does not");

  private final int code;
  private final String remedy;

  CudaStatus(int code, String remedy) {
    this.code = code;
    this.remedy = remedy;
  }

  static String remedy(int code) {
    for (CudaStatus status : values()) {
      if (status.code == code) {
        return status.remedy;
      }
    }
    return OTHER.remedy;
  }

  /** The driver's name of a code, for drivers too broken to be asked. */
  static String name(int code) {
    for (CudaStatus status : values()) {
      if (status.code == code) {
        return "CUDA_ERROR_" + status;
      }
    }
    return "CUDA error";
  }
}
