package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Launches through JCuda, the way its users write it: an array and a pointer object for every parameter of every launch. Kernels, streams and memory are those that the rest of
 * this package made. See {@link JCuda} for whether it is there.
 */
public final class JCudaLauncher implements KernelLauncher {
  private final CudaContext context;
  private final Map<CudaFunction, CUfunction> functions = new HashMap<>();
  private final Map<CudaStream, CUstream> streams = new HashMap<>();

  JCudaLauncher(CudaContext context) {
    this.context = context;
  }

  @Override
  public String name() {
    return "jcuda";
  }

  @Override
  public void launch(CudaFunction function, int gridX, int gridY, int gridZ, int threads, int sharedBytes, CudaStream stream, ArgumentBlock arguments) {
    arguments.complete();
    function.allowShared(sharedBytes);
    CUfunction kernel = functions.computeIfAbsent(function, f -> JCudaNatives.adopt(new CUfunction(), f.handle()));
    CUstream queue = streams.computeIfAbsent(stream, s -> JCudaNatives.adopt(new CUstream(), s.handle()));
    int status = JCudaDriver.cuLaunchKernel(kernel, gridX, gridY, gridZ, threads, 1, 1, sharedBytes, queue, parameters(arguments), null);
    if (status != 0) {
      throw context.failure(PanamaLauncher.geometry("JCuda's cuLaunchKernel", function, gridX, gridY, gridZ, threads, sharedBytes), status);
    }
  }

  private static Pointer parameters(ArgumentBlock arguments) {
    Pointer[] pointers = new Pointer[arguments.size()];
    for (int i = 0; i < pointers.length; i++) {
      MemorySegment value = arguments.value(i);
      pointers[i] = switch (arguments.kind(i)) {
        case ADDRESS -> Pointer.to(new long[] {value.get(JAVA_LONG, 0)});
        case INT -> Pointer.to(new int[] {value.get(JAVA_INT, 0)});
        case FLOAT -> Pointer.to(new float[] {value.get(JAVA_FLOAT, 0)});
        case MAP -> Pointer.to(value.toArray(JAVA_LONG));
      };
    }
    return Pointer.to(pointers);
  }
}
