package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;

/**
 * How {@link Gemm} runs on tensor cores: which tile, and into how many pieces k is cut where few rows would leave most of the device idle. The sizes are those of
 * {@code gemm/mma.cuh}.
 */
final class GemmMma {
  private static final String SOURCE = "gemm/gemm_mma";
  private static final int THREADS = 256;
  private static final int SLICE = 32;
  private static final int STAGES = 4;

  /** Fewer slices than this for a piece cost more than they save. */
  private static final int LEAST_SLICES = 8;

  private static final int MOST_PIECES = 8;

  /**
   * A tile and what is known of its time.
   *
   * @param perProcessor blocks that run at once on one multiprocessor
   * @param rate MFLOP per microsecond of a busy multiprocessor
   */
  private record Tile(int rows, int columns, int perProcessor, double rate) {
    long blocks(long outputRows, int n) {
      return (outputRows + rows - 1) / rows * Launch.blocks(n, columns);
    }

    int sharedBytes() {
      return STAGES * (rows + columns) * SLICE * 2 + rows * 12;
    }

    /** Predicted microseconds. */
    double time(long outputRows, int n, int slices, int pieces, Gpu gpu) {
      double load = Math.ceil(blocks(outputRows, n) * pieces / (double) gpu.multiprocessors());
      double together = Math.min(load, perProcessor);
      double slice = Math.max(0.2, together * rows * columns * SLICE * 2e-6 / rate);
      double sums = pieces == 1 ? 0 : 2 + 8e-6 * pieces * outputRows * n / 2.5;
      return Math.ceil(load / perProcessor) * Launch.blocks(slices, pieces) * slice + 1.5 + sums;
    }
  }

  private static final List<Tile> TILES = List.of(new Tile(128, 128, 2, 3.4), new Tile(128, 64, 2, 2.8), new Tile(64, 64, 3, 2.2), new Tile(128, 32, 3, 1.8));

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

  /** Depends on the rows of one batch, not on the number of batches: how a sum is cut decides its bytes. */
  private static int pieces(Arguments a, Gpu gpu) {
    int slices = Launch.blocks(a.dim("k"), SLICE);
    int best = 1;
    double least = Double.POSITIVE_INFINITY;
    for (int pieces = 1; pieces <= MOST_PIECES && (pieces == 1 || slices >= pieces * LEAST_SLICES); pieces *= 2) {
      double time = best(a.i32("rows"), a.dim("n"), slices, pieces, gpu).time(a.i32("rows"), a.dim("n"), slices, pieces, gpu);
      if (time < least) {
        least = time;
        best = pieces;
      }
    }
    return best;
  }

  private static Tile best(long rows, int n, int slices, int pieces, Gpu gpu) {
    Tile best = TILES.getFirst();
    for (Tile tile : TILES) {
      best = tile.time(rows, n, slices, pieces, gpu) < best.time(rows, n, slices, pieces, gpu) ? tile : best;
    }
    return best;
  }

  /** For as many pieces as any device could want. */
  private static long scratch(Arguments a) {
    int most = Math.min(MOST_PIECES, Integer.highestOneBit(Math.max(1, Launch.blocks(a.dim("k"), SLICE) / LEAST_SLICES)));
    return most == 1 || a.i32("rows") > PIECES_ROWS ? 0 : 4L * most * GemmCuda.outputRows(a) * ((a.dim("n") + 3) & -4);
  }

  /** More rows than this are never cut: they fill any device, and the scratch memory would be large. */
  private static final int PIECES_ROWS = 1024;

  private static List<Launch> plan(Arguments a, Gpu gpu) {
    if (GemmCuda.empty(a)) {
      return List.of();
    }
    long rows = GemmCuda.outputRows(a);
    int n = a.dim("n");
    int pieces = a.i32("rows") > PIECES_ROWS ? 1 : pieces(a, gpu);
    Tile tile = best(rows, n, Launch.blocks(a.dim("k"), SLICE), pieces, gpu);
    String name = "gemm_mma_" + GemmCuda.suffix(a.dtype("w")) + "_" + tile.rows() + "x" + tile.columns();
    Launch sums = new Launch(name, Math.toIntExact(tile.blocks(rows, n)), pieces, 1, THREADS, tile.sharedBytes());
    return pieces == 1 ? List.of(sums) : List.of(sums, Launch.over("gemm_mma_reduce_" + pieces, rows * Launch.blocks(n, 4), gpu).getFirst());
  }
}
