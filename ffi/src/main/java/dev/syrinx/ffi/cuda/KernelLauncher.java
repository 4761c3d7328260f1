package dev.syrinx.ffi.cuda;

/** Starts kernels. Two ways to the same driver, so that they can be compared: the foreign function interface of the JDK, and JCuda's JNI. */
public sealed interface KernelLauncher permits PanamaLauncher, JCudaLauncher {
  /** {@code panama} or {@code jcuda}. */
  String name();

  /**
   * Starts a kernel; returns before it is done.
   *
   * @param gridX blocks; {@code gridY}, {@code gridZ} likewise
   * @param threads threads of a block
   * @param sharedBytes dynamic shared memory of a block
   * @param arguments every parameter of the kernel, written
   * @throws CudaException naming the kernel and the geometry
   */
  void launch(CudaFunction function, int gridX, int gridY, int gridZ, int threads, int sharedBytes, CudaStream stream, ArgumentBlock arguments);

  /** The same for a kernel that waits for the launches before it by itself, so that it may begin before they have ended, where a launcher can say so. */
  default void launchEarly(
      CudaFunction function, int gridX, int gridY, int gridZ, int threads, int sharedBytes, CudaStream stream, ArgumentBlock arguments) {
    launch(function, gridX, gridY, gridZ, threads, sharedBytes, stream, arguments);
  }
}
