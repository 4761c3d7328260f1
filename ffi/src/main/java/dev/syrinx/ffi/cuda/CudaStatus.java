package dev.syrinx.ffi.cuda;

/** The driver's error numbers that a user can do something about, with the remedy. Names and numbers: CUresult in the CUDA driver API. */
enum CudaStatus {
  INVALID_VALUE(1, "an argument is impossible: this is a defect of the caller"),
  OUT_OF_MEMORY(2, "close other programs that use the GPU, or use a smaller precision"),
  STUB_LIBRARY(34, "the library found is the toolkit's stub: take its folder out of the library path, so that the driver's own is found"),
  DEVICE_UNAVAILABLE(46, "another process holds the GPU exclusively: wait for it, or set the compute mode to default"),
  NO_DEVICE(100, "check that nvidia-smi lists a GPU, that CUDA_VISIBLE_DEVICES does not hide it, and that a container was given GPUs"),
  INVALID_IMAGE(200, "the kernels are damaged: rebuild the project with the CUDA 13 toolkit"),
  NO_BINARY_FOR_GPU(209, "the kernels were not built for this GPU, which needs compute capability 8.0 or newer"),
  ECC_UNCORRECTABLE(214, "the GPU's memory is damaged: see nvidia-smi -q -d ECC", true),
  INVALID_PTX(218, "the PTX does not compile: see the log"),
  NVLINK_UNCORRECTABLE(220, "the GPU's link is damaged: see nvidia-smi nvlink -e", true),
  UNSUPPORTED_PTX_VERSION(222, "the PTX is newer than the driver: install NVIDIA driver 580 or newer"),
  CONTAINED(226, "the GPU's memory failed: see nvidia-smi -q -d ECC", true),
  NOT_FOUND(500, "the kernels are older than the program: rebuild the project with the CUDA 13 toolkit"),
  ILLEGAL_ADDRESS(700, "find the kernel with compute-sanitizer, or with 'syrinx kernels --check'", true),
  LAUNCH_OUT_OF_RESOURCES(701, "the block needs more registers or shared memory than a multiprocessor has: launch fewer threads"),
  LAUNCH_TIMEOUT(702, "a display's watchdog stopped the kernel: use a GPU without a display", true),
  CONTEXT_IS_DESTROYED(709, "the engine was closed while in use", true),
  ASSERT(710, "a kernel's assertion failed; its message is on standard output", true),
  HARDWARE_STACK_ERROR(714, "find the kernel with compute-sanitizer, or with 'syrinx kernels --check'", true),
  ILLEGAL_INSTRUCTION(715, "find the kernel with compute-sanitizer, or with 'syrinx kernels --check'", true),
  MISALIGNED_ADDRESS(716, "find the kernel with compute-sanitizer, or with 'syrinx kernels --check'", true),
  INVALID_ADDRESS_SPACE(717, "find the kernel with compute-sanitizer, or with 'syrinx kernels --check'", true),
  INVALID_PC(718, "find the kernel with compute-sanitizer, or with 'syrinx kernels --check'", true),
  LAUNCH_FAILED(719, "find the kernel with compute-sanitizer, or with 'syrinx kernels --check'", true),
  COOPERATIVE_LAUNCH_TOO_LARGE(720, "a cooperative launch must fit on the device at once: launch fewer blocks"),
  SYSTEM_NOT_READY(802, "the NVSwitch fabric is not up: start nvidia-fabricmanager"),
  SYSTEM_DRIVER_MISMATCH(803, "the driver was updated while its old kernel module is loaded: reboot, or restart the container"),
  COMPAT_NOT_SUPPORTED_ON_DEVICE(804, "the forward-compatibility library does not serve this GPU: take it out of the library path"),
  STREAM_CAPTURE_INVALIDATED(901, "a call that cannot be recorded was made during a capture: this is a defect of the caller"),
  INVALID_CLUSTER_SIZE(912, "this GPU cannot run clusters of that size: use a smaller one"),
  OTHER(-1, "check that nvidia-smi works; reinstall the NVIDIA driver if it does not");

  private final int code;
  private final String remedy;
  private final boolean fatal;

  CudaStatus(int code, String remedy) {
    this(code, remedy, false);
  }

  CudaStatus(int code, String remedy, boolean fatal) {
    this.code = code;
    this.remedy = remedy;
    this.fatal = fatal;
  }

  /** The CUresult. */
  int code() {
    return code;
  }

  /** Whether the context is lost after this error. */
  static boolean fatal(int code) {
    return of(code).fatal;
  }

  static String remedy(int code) {
    return of(code).remedy;
  }

  /** The driver's name of a code, for drivers too broken to be asked. */
  static String name(int code) {
    CudaStatus status = of(code);
    return status == OTHER ? "CUDA error" : "CUDA_ERROR_" + status;
  }

  private static CudaStatus of(int code) {
    for (CudaStatus status : values()) {
      if (status.code == code) {
        return status;
      }
    }
    return OTHER;
  }
}
