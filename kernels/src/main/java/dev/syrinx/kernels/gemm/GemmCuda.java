package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;

/** How {@link Gemm} runs on a CUDA device: which tile, how many blocks. The tile sizes are those of {@code gemm/*.cu}. */
final class GemmCuda {
  /** Most rows of the variant for few rows. */
  static final int SKINNY_ROWS = 16;

  private static final int THREADS = 256;
  private static final int WARP = 32;

  /** 16-byte vectors of weights that one warp takes of a row, and the most warps that share one: as in {@code gemm_skinny.cu}. */
  private static final int PART = 5 * WARP;

  private static final int MOST_PARTS = 8;

  private GemmCuda() {}

  /** For decoding: reads the weights once, however many of its few rows there are. */
  static CudaVariant skinny() {
    return CudaVariant.of("gemm/gemm_skinny", GemmCuda::skinnyPlan).named("skinny").onlyIf(a -> outputRows(a) <= SKINNY_ROWS && oneRun(a));
  }

  /** For everything, in float32. */
  static CudaVariant tiles() {
    return CudaVariant.of("gemm/gemm", GemmCuda::tilePlan);
  }

  /** Rows of the output, of all batches. */
  static long outputRows(Arguments a) {
    return (long) a.i32("batch") * a.i32("rows");
  }

  /** Whether each row of x is one run of floats. */
  static boolean oneRun(Arguments a) {
    return a.i32("taps") == 1 || a.i32("x_tap") == a.dim("k") / a.i32("taps");
  }

  /** Whether there is nothing to write. */
  static boolean empty(Arguments a) {
    return outputRows(a) == 0 || a.dim("n") == 0;
  }

  static String suffix(DType type) {
    return switch (type) {
      case F32 -> "f32";
      case F16 -> "f16";
      case BF16 -> "bf16";
      default -> "i8";
    };
  }

  private static List<Launch> skinnyPlan(Arguments a, Gpu gpu) {
    if (empty(a)) {
      return List.of();
    }
    int rows = Math.toIntExact(outputRows(a));
    int together = Math.min(8, Integer.highestOneBit(2 * rows - 1));
    int outputs = together == 1 ? 1 : 2;
    int chunks = Launch.blocks(rows, together);
    int parts = parts(Launch.blocks((long) a.dim("k") * a.dtype("w").bytes(), 16));
    int warps = MOST_PARTS;
    while (warps > Math.max(parts, 2) && (long) Launch.blocks(a.dim("n"), warps / parts * outputs) * chunks < 2L * gpu.multiprocessors()) {
      warps /= 2;
    }
    long blocks = (long) Launch.blocks(a.dim("n"), warps / parts * outputs) * chunks;
    return List.of(Launch.row("gemm_skinny_" + suffix(a.dtype("w")) + "_" + together, blocks, warps * WARP));
  }

  private static int parts(int vectors) {
    int parts = 1;
    while (parts < MOST_PARTS && vectors > parts * PART) {
      parts *= 2;
    }
    return parts;
  }

  /**
   * Tiles of the float32 kernel.
   *
   * @param perProcessor blocks that run at once on one multiprocessor
   * @param speed share of the largest tile's rate
   */
  private record Tile(int rows, int columns, int perProcessor, double speed) {
    String entry(DType type) {
      return "gemm_" + suffix(type) + "_" + rows + "x" + columns;
    }

    long blocks(Arguments a) {
      return (outputRows(a) + rows - 1) / rows * Launch.blocks(a.dim("n"), columns);
    }

    double time(Arguments a, Gpu gpu) {
      double rounds = Math.ceil(blocks(a) / (double) (gpu.multiprocessors() * perProcessor));
      return rounds * perProcessor * rows * columns / speed;
    }
  }

  private static final List<Tile> FLOAT_TILES =
      List.of(new Tile(128, 128, 1, 1), new Tile(128, 64, 2, 0.95), new Tile(64, 64, 2, 0.75), new Tile(128, 32, 2, 0.7));

  private static List<Launch> tilePlan(Arguments a, Gpu gpu) {
    if (empty(a)) {
      return List.of();
    }
    DType type = a.dtype("w");
    Tile best = FLOAT_TILES.get(1);
    if (type == DType.F32) {
      for (Tile tile : FLOAT_TILES) {
        best = tile.time(a, gpu) < best.time(a, gpu) ? tile : best;
      }
    }
    return List.of(Launch.row(best.entry(type), best.blocks(a), THREADS));
  }
}
