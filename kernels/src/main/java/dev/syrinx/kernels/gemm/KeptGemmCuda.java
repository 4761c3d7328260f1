package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Window;
import java.util.List;

/** How {@link KeptGemm} runs on a CUDA device: on Hopper's tensor cores, where all of it lies as they need it, else an output for a thread. */
public final class KeptGemmCuda {
  /** Columns of a tile, the best of them for few columns. */
  private static final int COLUMNS = 128;

  private KeptGemmCuda() {}

  static CudaVariant variant() {
    return CudaVariant.of("gemm/kept_gemm", KeptGemmCuda::plan).rounding(DType.F16).beginningEarly().onlyIf(a -> a.halves() ? narrow(a) : true);
  }

  private static boolean narrow(Arguments a) {
    return a.half("x") && a.half("z") && a.dtype("w") == DType.F16;
  }

  /** Whether a call takes less time than a product and rounding its outputs after it. */
  public static boolean pays(Arguments a, Gpu gpu) {
    return narrow(a) && gpu.capability() == 90 && a.dim("k") > 0 && a.dim("n") % 4 == 0 && fours(a, "y", 16) && fours(a, "residual", 16) && fours(a, "z", 8)
        && a.view("residual").rowStride() == a.view("y").rowStride() && windowed(a, "x") && windowed(a, "w");
  }

  /** Whether four columns may be touched at once. */
  private static boolean fours(Arguments a, String buffer, int bytes) {
    return a.segment(buffer).address() % bytes == 0 && a.view(buffer).rowStride() % 4 == 0;
  }

  private static boolean windowed(Arguments a, String buffer) {
    return Window.begins(a, buffer) && Window.fits(a.view(buffer).rowStride(), a.dim("k"), 1);
  }

  private static List<Launch> plan(Arguments a, Gpu gpu) {
    int rows = a.dim("rows");
    int n = a.dim("n");
    if (rows == 0 || n == 0) {
      return List.of();
    }
    if (!pays(a, gpu)) {
      return Launch.over("kept_gemm_" + (a.halves() ? "hf" : GemmCuda.suffix(a.dtype("w"))), (long) rows * n, gpu);
    }
    MmaTile tile = MmaTile.PIPELINES.stream().filter(t -> t.columns() == COLUMNS).findFirst().orElseThrow();
    Launch launch = new Launch("kept_gemm_128x" + COLUMNS, Math.toIntExact(tile.blocks(rows, n)), 1, 1, tile.threads(), tile.sharedBytes(0, 1, true));
    return List.of(launch.through(window(a, "x", rows, tile.rows()), window(a, "w", n, COLUMNS)));
  }

  private static Window window(Arguments a, String buffer, int rows, int boxRows) {
    return Window.of(buffer, a.dim("k"), rows, a.view(buffer).rowStride(), boxRows);
  }
}
