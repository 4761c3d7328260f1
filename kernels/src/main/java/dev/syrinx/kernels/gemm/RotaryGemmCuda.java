package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;

/** How {@link RotaryGemm} runs on a CUDA device: on Hopper's tensor cores, where x, w and y lie as they need it, else two outputs for a thread. */
public final class RotaryGemmCuda {
  /** Pairs of a head. */
  private static final int HALF = 32;

  private RotaryGemmCuda() {}

  static CudaVariant variant() {
    return CudaVariant.of("gemm/rotary_gemm", RotaryGemmCuda::plan).rounding(DType.F16).beginningEarly().onlyIf(a -> a.halves() ? narrow(a) : true);
  }

  private static boolean narrow(Arguments a) {
    return a.half("x") && a.half("y") && a.dtype("w") == DType.F16;
  }

  /** Whether a call takes less time than a product and turning its heads after it. */
  public static boolean pays(Arguments a, Gpu gpu) {
    return narrow(a) && gpu.capability() == 90 && a.dim("half") == HALF && a.dim("n") % 4 == 0 && a.view("y").rowStride() % 4 == 0
        && a.segment("y").address() % 8 == 0 && GemmWindows.fit(a);
  }

  private static List<Launch> plan(Arguments a, Gpu gpu) {
    int rows = a.dim("rows");
    int n = a.dim("n");
    if (rows == 0 || n == 0) {
      return List.of();
    }
    if (!pays(a, gpu)) {
      return Launch.over("rotary_gemm_" + (a.halves() ? "hh" : GemmCuda.suffix(a.dtype("w"))), rows * Math.ceilDiv(n, 2L), gpu);
    }
    List<MmaTile> tiles = MmaTile.PIPELINES.subList(0, 3);
    MmaTile best = tiles.getFirst();
    for (MmaTile tile : tiles) {
      best = time(a, tile, gpu) < time(a, best, gpu) ? tile : best;
    }
    Launch launch = new Launch("rotary_gemm_128x" + best.columns(), Math.toIntExact(best.blocks(rows, n)), 1, 1, best.threads(), best.sharedBytes(0, 1, true));
    return List.of(launch.through(GemmWindows.inputs(a, rows, best.rows()), GemmWindows.weights(a, best.columns())));
  }

  private static double time(Arguments a, MmaTile tile, Gpu gpu) {
    return tile.halfTime(tile.blocks(a.dim("rows"), a.dim("n")), 0, 1, a.dim("k"), 1, 0, gpu);
  }
}
