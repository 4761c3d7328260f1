package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Window;
import dev.syrinx.kernels.activation.Gate;
import java.util.List;
import java.util.Locale;

/** How {@link GatedGemm} runs on a CUDA device: on Hopper's tensor cores, where x, w and y lie as they need it, else an output for a thread. */
public final class GatedGemmCuda {
  /** Outputs that are written at once. */
  private static final int TOGETHER = 4;

  private GatedGemmCuda() {}

  static CudaVariant variant() {
    return CudaVariant.of("gemm/gated_gemm", GatedGemmCuda::plan).rounding(DType.F16).beginningEarly().onlyIf(a -> a.halves() ? narrow(a) : true);
  }

  private static boolean narrow(Arguments a) {
    return a.half("x") && a.half("y") && a.dtype("w") == DType.F16;
  }

  /** Whether a call takes less time than a product and a gated unit after each other. */
  public static boolean pays(Arguments a, Gpu gpu) {
    Gate gate = Gate.of(a.i32("gate"));
    return narrow(a) && (gate == Gate.SWIGLU || gate == Gate.TANH) && GemmMma.groups(a, gpu) && GemmMma.windowed(a) && wide(a);
  }

  /** Whether four outputs, and two sums' constants, may be touched at once. */
  private static boolean wide(Arguments a) {
    int grain = a.dim("2d") / 2 | a.i32("y_row") | a.i32("y_batch");
    return grain % TOGETHER == 0 && aligned(a, "y") && aligned(a, "bias") && aligned(a, "shift");
  }

  private static boolean aligned(Arguments a, String buffer) {
    return !a.has(buffer) || a.segment(buffer).address() % 8 == 0;
  }

  private static List<Launch> plan(Arguments a, Gpu gpu) {
    long rows = GemmCuda.outputRows(a);
    int d = a.dim("2d") / 2;
    if (rows == 0 || d == 0) {
      return List.of();
    }
    if (!pays(a, gpu)) {
      String types = narrow(a) && a.halves() ? "hh" : GemmCuda.suffix(a.dtype("w"));
      return Launch.over("gated_gemm_" + types, rows * d, gpu);
    }
    List<MmaTile> tiles = MmaTile.PIPELINES.subList(0, 3);
    MmaTile best = tiles.getFirst();
    for (MmaTile tile : tiles) {
      best = time(a, tile, gpu) < time(a, best, gpu) ? tile : best;
    }
    int shared = best.sharedBytes(GemmMma.reach(a), GemmMma.oneRun(a) ? 1 : a.i32("taps"), true);
    String entry = "gated_gemm_" + Gate.of(a.i32("gate")).name().toLowerCase(Locale.ROOT) + "_" + best.rows() + "x" + best.columns();
    int blocks = Math.toIntExact(Math.min(blocks(a, best), gpu.multiprocessors())); // each does every tile that is a multiple of their number away from its first
    Launch launch = new Launch(entry, blocks, 1, 1, best.threads(), shared);
    Window weights = Window.of("w", a.dim("k"), 2 * d, a.view("w").rowStride(), best.columns() / 2);
    return List.of(launch.through(GemmMma.inputs(a, best.rows() + GemmMma.reach(a), 1), weights));
  }

  private static long blocks(Arguments a, MmaTile tile) {
    long tiles = GemmMma.even(a) ? Launch.blocks(GemmCuda.outputRows(a), tile.rows()) : (long) a.i32("batch") * Launch.blocks(a.i32("rows"), tile.rows());
    return tiles * Launch.blocks(a.dim("2d") / 2, tile.columns() / 2);
  }

  private static double time(Arguments a, MmaTile tile, Gpu gpu) {
    int taps = GemmMma.oneRun(a) ? 1 : a.i32("taps");
    return tile.halfTime(blocks(a, tile), GemmMma.reach(a), taps, a.dim("k") / taps, 1, 0, gpu);
  }
}
