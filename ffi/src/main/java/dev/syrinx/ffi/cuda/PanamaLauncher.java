package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.syrinx.ffi.CFunction;
import dev.syrinx.ffi.Downcall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Launches through the foreign function interface: one downcall with prebuilt pointers, nothing allocated. One thread at a time. */
public final class PanamaLauncher implements KernelLauncher {
  /** cuLaunchKernel(function, grid x y z, block x y z, shared bytes, stream, parameters, extra). */
  private static final MethodHandle LAUNCH =
      CFunction.handle(JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private static final LaunchAttributes EARLY = LaunchAttributes.NONE.overlapping();

  private final CudaContext context;
  private final MemorySegment launch;
  private final Arena arena = Arena.ofAuto();
  private final LaunchConfig config = new LaunchConfig(arena);

  /** A launcher for the kernels of a context. */
  public PanamaLauncher(CudaContext context) {
    this.context = context;
    launch = context.api().launch.address();
  }

  @Override
  public String name() {
    return "panama";
  }

  @Override
  public void launch(CudaFunction function, int gridX, int gridY, int gridZ, int threads, int sharedBytes, CudaStream stream, ArgumentBlock arguments) {
    function.allowShared(sharedBytes);
    long pointers = arguments.pointers();
    int status;
    try {
      status = (int) LAUNCH.invokeExact(launch, function.handle(), gridX, gridY, gridZ, threads, 1, 1, sharedBytes, stream.handle(), pointers, 0L);
    } catch (Throwable e) {
      throw Downcall.failure("cuLaunchKernel", e);
    }
    if (status != 0) {
      throw context.failure(geometry("cuLaunchKernel", function, gridX, gridY, gridZ, threads, sharedBytes), status);
    }
  }

  @Override
  public void launchEarly(CudaFunction function, int gridX, int gridY, int gridZ, int threads, int sharedBytes, CudaStream stream, ArgumentBlock arguments) {
    launch(function, gridX, gridY, gridZ, threads, sharedBytes, EARLY, stream, arguments);
  }

  /** The same with attributes. */
  public void launch(
      CudaFunction function, int gridX, int gridY, int gridZ, int threads, int sharedBytes, LaunchAttributes attributes, CudaStream stream, ArgumentBlock arguments) {
    function.allowShared(sharedBytes);
    long address = config.write(gridX, gridY, gridZ, threads, sharedBytes, stream.handle(), attributes);
    int status = context.api().launchEx.call(address, function.handle(), arguments.pointers(), 0L);
    if (status != 0) {
      throw context.failure(geometry("cuLaunchKernelEx", function, gridX, gridY, gridZ, threads, sharedBytes) + " with " + attributes, status);
    }
  }

  static String geometry(String call, CudaFunction function, int gridX, int gridY, int gridZ, int threads, int sharedBytes) {
    return call + "(" + function.name() + ", " + gridX + "x" + gridY + "x" + gridZ + " blocks of " + threads + " threads, " + sharedBytes + " bytes of shared memory)";
  }
}
