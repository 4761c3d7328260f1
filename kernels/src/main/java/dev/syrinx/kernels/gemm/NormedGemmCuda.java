package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;

/** How {@link NormedGemm} runs on a CUDA device: on Hopper's tensor cores, where all of it lies as they need it, else a row for a block. */
public final class NormedGemmCuda {
  private NormedGemmCuda() {}

  static CudaVariant variant() {
    return CudaVariant.of("gemm/normed_gemm", NormedGemmCuda::plan).rounding(DType.F16).beginningEarly().onlyIf(a -> a.halves() ? narrow(a) : true);
  }

  private static boolean narrow(Arguments a) {
    return a.half("x") && (!a.has("z") || a.half("z")) && a.half("v") && a.dtype("w") == DType.F16;
  }

  /** Whether a call takes less time than a product and a norm after each other: where a cluster has whole rows, and most of its blocks have something to do. */
  public static boolean pays(Arguments a, Gpu gpu) {
    int most = TurnedTile.COLUMNS * TurnedTile.TOGETHER;
    boolean columns = a.dim("n") <= most && a.dim("n") > most / 2 && a.dim("n") % 4 == 0;
    return columns && possible(a, gpu);
  }

  private static boolean possible(Arguments a, Gpu gpu) {
    boolean floats = List.of("bias", "residual", "gain", "shift", "y").stream().allMatch(buffer -> GemmWindows.fours(a, buffer, 16));
    boolean strides = !a.has("residual") || a.view("residual").rowStride() == a.view("y").rowStride();
    boolean halves = strides && narrow(a) && GemmWindows.fours(a, "z", 8) && GemmWindows.fours(a, "v", 8);
    return gpu.capability() == 90 && floats && halves && GemmWindows.fit(a) && a.dim("n") % 4 == 0 && a.dim("n") <= TurnedTile.COLUMNS * TurnedTile.TOGETHER;
  }

  private static List<Launch> plan(Arguments a, Gpu gpu) {
    int rows = a.dim("rows");
    if (rows == 0 || a.dim("n") == 0) {
      return List.of();
    }
    if (possible(a, gpu)) {
      TurnedTile tile = TurnedTile.best(TurnedTile.NORMED, rows, TurnedTile.clusters(gpu));
      return List.of(tile.launch("normed_gemm", a, rows, TurnedTile.TOGETHER, TurnedTile.TOGETHER * tile.rows() * 4)); // and the sums of squares
    }
    String types = a.halves() ? "hf" : GemmCuda.suffix(a.dtype("w"));
    return List.of(Launch.row("normed_gemm_" + types, Math.min(rows, 16 * gpu.multiprocessors()), 256));
  }
}
