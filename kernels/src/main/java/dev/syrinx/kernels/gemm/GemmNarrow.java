package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;

/** How convolutions over few channels run on tensor cores: see {@code gemm/gemm_narrow.cu}, whose sizes these are. */
final class GemmNarrow {
  private static final int THREADS = 256;
  private static final int ROWS = 256;

  /** Blocks that run at once on one multiprocessor. */
  private static final int TOGETHER = 2;

  private GemmNarrow() {}

  static CudaVariant variant() {
    return CudaVariant.of("gemm/gemm_narrow", GemmNarrow::plan).named("narrow").rounding(DType.F16)
        .onlyIf(a -> GemmMma.halves().supports().test(a) && GemmMma.shared(a) && channels(a) > 0 && a.dim("n") <= channels(a));
  }

  /** Channels of a tap, if there is a kernel for them, else 0. */
  private static int channels(Arguments a) {
    int run = a.dim("k") / a.i32("taps");
    return run == 24 || run == 48 ? run : 0;
  }

  private static List<Launch> plan(Arguments a, Gpu gpu) {
    if (GemmCuda.empty(a)) {
      return List.of();
    }
    int runs = channels(a) / 8;
    int steps = (a.i32("taps") * runs + 1) / 2;
    int reach = (a.i32("taps") - 1) * (a.i32("x_tap") / a.i32("x_row"));
    int shared = steps * runs * 256 + 16 + (ROWS + reach) * 16 * (runs | 1);
    long tiles = (long) a.i32("batch") * Launch.blocks(a.i32("rows"), ROWS);
    int blocks = (int) Math.min(tiles, (long) TOGETHER * gpu.multiprocessors());
    String entry = "gemm_narrow_" + (a.half("y") ? "hh_" : "hf_") + channels(a);
    return List.of(new Launch(entry, blocks, 1, 1, THREADS, shared));
  }
}
