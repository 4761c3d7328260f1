package dev.syrinx.ffi.cuda;

/**
 * A GPU.
 *
 * @param index its ordinal, the N of {@code cuda:N}
 * @param name as the driver says it
 * @param major compute capability before the dot
 * @param minor compute capability after the dot
 * @param multiprocessors streaming multiprocessors
 * @param memoryBytes total memory
 */
public record CudaDevice(int index, String name, int major, int minor, int multiprocessors, long memoryBytes) {
  /** Compute capability as NVIDIA writes it, such as {@code 9.0}. */
  public String computeCapability() {
    return major + "." + minor;
  }
}
