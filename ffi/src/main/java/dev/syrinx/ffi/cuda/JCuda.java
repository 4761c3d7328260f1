package dev.syrinx.ffi.cuda;

import dev.syrinx.ffi.NativeException;
import dev.syrinx.ffi.Probe;

/**
 * JCuda, the other binding of the driver: whether it is there. It is compared with, never needed: it may be missing from the class path, and its native half needs the
 * driver's library.
 */
public final class JCuda {
  private static final String DRIVER_CLASS = "jcuda.driver.JCudaDriver";
  private static final String REMEDY = "use the launcher 'panama', which needs no library; or put jcuda and its natives for this system on the class path";

  private static final class Once {
    private static final Probe<String> FOUND = JCudaNatives.load(DRIVER_CLASS, "JCuda", REMEDY);
  }

  private JCuda() {}

  /** Loads it, once for the process; the value is its version. */
  public static Probe<String> probe() {
    return Once.FOUND;
  }

  /**
   * A launcher for the kernels of a context.
   *
   * @throws NativeException if JCuda is not there, saying why
   */
  public static KernelLauncher launcher(CudaContext context) {
    return switch (probe()) {
      case Probe.Absent<String>(String reason, String remedy) -> throw new NativeException("the launcher 'jcuda': " + reason + "; " + remedy);
      case Probe.Present<String> present -> new JCudaLauncher(context);
    };
  }
}
