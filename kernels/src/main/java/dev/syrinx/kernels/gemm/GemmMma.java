package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;

/**
 * How {@link Gemm} runs on tensor cores: which kernel and tile, and into how many pieces k is cut where few rows would leave most of the
 * device idle. What decides a sum's bytes, the kernel and the pieces, depends on one batch alone, not on their number.
 */
final class GemmMma {
  private static final String SOURCE = "gemm/gemm_mma";

  /** Fewer columns of k than this for a piece cost more than they save. */
  private static final int LEAST_DEPTH = 256;

  private static final int MOST_PIECES = 8;

  /** More rows than this are never cut: they fill any device, and the scratch memory would be large. */
  private static final int PIECES_ROWS = 1024;

  /** Most rows of x beyond a tile's own that the taps of a convolution reach. */
  private static final int MOST_REACH = 128;

  private GemmMma() {}

  /** Half-precision and int8 weights; inputs are rounded to half precision. */
  static CudaVariant half() {
    return variant("mma").rounding(DType.F16).onlyIf(a -> a.dtype("w") == DType.F16 || a.dtype("w") == DType.I8);
  }

  /** bfloat16 weights; inputs are rounded to bfloat16. */
  static CudaVariant bfloat() {
    return variant("mma_bf16").rounding(DType.BF16).onlyIf(a -> a.dtype("w") == DType.BF16);
  }

  private static CudaVariant variant(String name) {
    return CudaVariant.of(SOURCE, GemmMma::plan).named(name).withScratch(GemmMma::scratch);
  }

  /** Whether warpgroups can do it: each row of x is one run of floats, or the taps read whole rows of x further down. */
  private static boolean groups(Arguments a, Gpu gpu) {
    int taps = a.i32("taps");
    int run = a.dim("k") / taps;
    int row = a.i32("x_row");
    boolean rows = row > 0 && a.i32("x_tap") > 0 && a.i32("x_tap") % row == 0 && run >= 16;
    return gpu.capability() == 90 && (GemmCuda.oneRun(a) || (rows && reach(a) <= MOST_REACH));
  }

  /** Rows of x beyond a tile's own. */
  private static int reach(Arguments a) {
    return GemmCuda.oneRun(a) ? 0 : (a.i32("taps") - 1) * (a.i32("x_tap") / a.i32("x_row"));
  }

  private static List<MmaTile> tiles(Arguments a, Gpu gpu) {
    return groups(a, gpu) ? MmaTile.groups(a.dtype("w")) : MmaTile.WARPS;
  }

  private static int mostPieces(Arguments a) {
    int pieces = Integer.highestOneBit(Math.max(1, a.dim("k") / a.i32("taps") / LEAST_DEPTH));
    return a.i32("rows") > PIECES_ROWS ? 1 : Math.min(MOST_PIECES, pieces);
  }

  private static int pieces(Arguments a, List<MmaTile> tiles, Gpu gpu) {
    int best = 1;
    for (int pieces = 2; pieces <= mostPieces(a); pieces *= 2) {
      best = least(a, tiles, a.i32("rows"), pieces, gpu) < least(a, tiles, a.i32("rows"), best, gpu) ? pieces : best;
    }
    return best;
  }

  private static double least(Arguments a, List<MmaTile> tiles, long rows, int pieces, Gpu gpu) {
    return time(a, best(a, tiles, rows, pieces, gpu), rows, pieces, gpu);
  }

  private static double time(Arguments a, MmaTile tile, long rows, int pieces, Gpu gpu) {
    int k = a.dim("k");
    return tile.time(rows, a.dim("n"), k, groups(a, gpu) && !GemmCuda.oneRun(a) ? k / a.i32("taps") : k, pieces, gpu);
  }

  private static MmaTile best(Arguments a, List<MmaTile> tiles, long rows, int pieces, Gpu gpu) {
    MmaTile best = tiles.getFirst();
    for (MmaTile tile : tiles) {
      best = time(a, tile, rows, pieces, gpu) < time(a, best, rows, pieces, gpu) ? tile : best;
    }
    return best;
  }

  private static long scratch(Arguments a) {
    int most = mostPieces(a);
    return most == 1 ? 0 : 4L * most * GemmCuda.outputRows(a) * ((a.dim("n") + 3) & -4);
  }

  private static List<Launch> plan(Arguments a, Gpu gpu) {
    if (GemmCuda.empty(a)) {
      return List.of();
    }
    List<MmaTile> tiles = tiles(a, gpu);
    long rows = GemmCuda.outputRows(a);
    int pieces = pieces(a, tiles, gpu);
    MmaTile tile = best(a, tiles, rows, pieces, gpu);
    // The rows of a convolution's tile are of one batch, because its taps share them.
    boolean apart = reach(a) > 0 && groups(a, gpu);
    long blocks = apart ? a.i32("batch") * tile.blocks(a.i32("rows"), a.dim("n")) : tile.blocks(rows, a.dim("n"));
    Launch sums = new Launch(tile.entry(a.dtype("w")), Math.toIntExact(blocks), pieces, 1, tile.threads(), tile.sharedBytes(reach(a)));
    if (pieces == 1) {
      return List.of(sums);
    }
    return List.of(sums, Launch.over("gemm_mma_reduce_" + pieces, rows * Launch.blocks(a.dim("n"), 4), gpu).getFirst());
  }
}
