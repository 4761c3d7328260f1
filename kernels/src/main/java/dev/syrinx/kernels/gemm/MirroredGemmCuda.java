package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;

/** How {@link MirroredGemm} runs on a CUDA device: on Hopper's tensor cores, where all of it lies as they need it, else an output for a thread. */
public final class MirroredGemmCuda {
  private MirroredGemmCuda() {}

  static CudaVariant variant() {
    return CudaVariant.of("gemm/mirrored_gemm", MirroredGemmCuda::plan).rounding(DType.F16).beginningEarly().onlyIf(a -> a.halves() ? narrow(a) : true);
  }

  private static boolean narrow(Arguments a) {
    return a.half("x") && (!a.has("residual") || a.half("residual")) && a.half("y") && a.dtype("w") == DType.F16;
  }

  /** Whether a call takes less time than a product and copies of its rows after it. */
  public static boolean pays(Arguments a, Gpu gpu) {
    boolean fours = a.dim("n") % 4 == 0 && GemmWindows.fours(a, "bias", 16) && GemmWindows.fours(a, "residual", 8) && GemmWindows.fours(a, "y", 8);
    boolean strides = !a.has("residual") || a.view("residual").rowStride() == a.view("y").rowStride();
    return narrow(a) && gpu.capability() == 90 && fours && strides && GemmWindows.fit(a);
  }

  private static List<Launch> plan(Arguments a, Gpu gpu) {
    int rows = a.dim("rows");
    int n = a.dim("n");
    if (rows == 0 || n == 0) {
      return List.of();
    }
    if (!pays(a, gpu)) {
      return Launch.over("mirrored_gemm_" + (a.halves() ? "hh" : GemmCuda.suffix(a.dtype("w"))), (long) a.dim("padded") * n, gpu);
    }
    int columns = Launch.blocks(n, TurnedTile.COLUMNS);
    return List.of(TurnedTile.best(TurnedTile.PLAIN, rows, Math.max(1, gpu.multiprocessors() / columns)).launch("mirrored_gemm", a, rows, columns, 0));
  }
}
