package dev.syrinx.ffi.cublas;

import dev.syrinx.ffi.NativeException;
import dev.syrinx.ffi.NativeLibrary;
import dev.syrinx.ffi.Probe;
import dev.syrinx.ffi.cuda.CudaLibraries;
import dev.syrinx.ffi.cuda.CudaStream;
import dev.syrinx.ffi.cuda.JCudaNatives;
import java.util.function.LongSupplier;

/**
 * JCublas, JCuda's binding of cuBLAS: whether it is there. Its native half asks for {@code libcublas.so.12} with versioned symbols, so CUDA 12's library has to be there,
 * whatever the driver is; a link of that name to CUDA 13's does not do.
 */
public final class JCublas {
  private static final String CLASS = "jcuda.jcublas.JCublas2";
  private static final String REMEDY =
      "use '--gemm cublaslt', which works with CUDA 13 and 12; or install CUDA 12's cuBLAS beside the driver and name its folder in " + NativeLibrary.PATH_VARIABLE;

  private static final class Once {
    private static final Probe<String> FOUND = load();
  }

  private JCublas() {}

  /** Loads it, once for the process; the value is its version. */
  public static Probe<String> probe() {
    return Once.FOUND;
  }

  private static Probe<String> load() {
    // A library that was loaded by its path answers later requests for its name.
    String reason = CudaLibraries.cublas12() instanceof Probe.Absent<NativeLibrary>(String why, String remedy) ? "JCublas needs cuBLAS of CUDA 12: " + why : "";
    return reason.isEmpty() ? JCudaNatives.load(CLASS, "JCublas", REMEDY) : new Probe.Absent<>(reason, REMEDY);
  }

  /**
   * Its products.
   *
   * @param workspace takes device memory: gives the address of {@link Products#WORKSPACE} bytes, 256-byte aligned
   * @throws NativeException if it is not there, saying why
   */
  public static Products products(CudaStream stream, LongSupplier workspace) {
    return switch (probe()) {
      case Probe.Absent<String>(String reason, String remedy) -> throw new NativeException("--gemm jcublas: " + reason + "; " + remedy);
      case Probe.Present<String> present -> new JCublasProducts(stream, workspace.getAsLong());
    };
  }
}
