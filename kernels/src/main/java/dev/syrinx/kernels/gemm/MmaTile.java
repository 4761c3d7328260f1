package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;

/**
 * A tile of outputs on tensor cores, and what is known of its time. The sizes are those of {@code gemm/mma.cuh} and {@code gemm/group.cuh}.
 *
 * @param kernel {@code mma}, or {@code group} for warpgroups
 * @param rows outputs of a block; {@code columns} likewise
 * @param threads of a block
 * @param perProcessor blocks that run at once on one multiprocessor
 * @param rate MFLOP per microsecond of a busy multiprocessor
 */
record MmaTile(String kernel, int rows, int columns, int threads, int perProcessor, double rate) {
  /** Bytes that the second-level cache of an H100 gives in a microsecond. */
  private static final double L2_BYTES = 4.3e6;

  /** For any device. */
  static final List<MmaTile> WARPS = List.of(mma(128, 128, 2, 3.2), mma(128, 64, 2, 2.7), mma(64, 64, 3, 2.1), mma(128, 32, 3, 1.6));

  private static final List<MmaTile> GROUPS = List.of(
      group(128, 256, 1, 4.8), group(128, 192, 1, 4.5), group(128, 128, 2, 4.4), group(128, 96, 2, 4.1), group(128, 64, 2, 3.5), group(128, 48, 2, 3),
      group(128, 32, 2, 2.3), group(64, 128, 3, 3.2));

  private static MmaTile mma(int rows, int columns, int perProcessor, double rate) {
    return new MmaTile("mma", rows, columns, 256, perProcessor, rate);
  }

  private static MmaTile group(int rows, int columns, int perProcessor, double rate) {
    return new MmaTile("group", rows, columns, 2 * rows, perProcessor, rate);
  }

  /** For Hopper: widened int8 weights and the largest tiles' sums do not fit the registers. */
  static List<MmaTile> groups(DType type) {
    return type == DType.I8 ? GROUPS.subList(3, GROUPS.size()) : GROUPS;
  }

  /** @param types of weights, or of inputs and outputs, as entries name them */
  String entry(String types) {
    return "gemm_" + kernel + "_" + types + "_" + rows + "x" + columns;
  }

  /** Blocks that cover so many outputs. */
  long blocks(long outputRows, int n) {
    return (outputRows + rows - 1) / rows * Launch.blocks(n, columns);
  }

  /**
   * Dynamic shared memory.
   *
   * @param reach rows of x beyond the tile's own
   * @param stages of x: as many as of weights where both are copied slice by slice, else 2
   */
  int sharedBytes(int reach, boolean copied) {
    if (kernel.equals("mma")) {
      return 4 * (rows + columns) * 64 + rows * 12; // four stages of 32 halves; where the rows of y and x begin
    }
    int inputs = rows + reach;
    int stages = columns > 128 ? 4 : 3; // of 64 halves
    int pitch = (inputs + 7) & -8;
    return stages * columns * 128 + (copied ? stages : 2) * pitch * 128 + rows * 8 + inputs * 4;
  }

  /**
   * Predicted microseconds of sums over k, cut into pieces.
   *
   * @param read bytes of x that a row of a tile reads
   */
  double time(long outputRows, int n, int k, double read, int pieces, Gpu gpu) {
    double load = Math.ceil(blocks(outputRows, n) * pieces / (double) gpu.multiprocessors());
    double together = Math.min(load, perProcessor);
    double slice = Math.max(0.2, together * rows * columns * 64e-6 / rate); // of 32 columns of k; a block alone waits for memory
    double sums = pieces == 1 ? 0 : 2 + 8e-6 * pieces * outputRows * n / 2.5;
    double traffic = blocks(outputRows, n) * (rows * read + 2.0 * columns * k) / L2_BYTES;
    return Math.max(traffic, Math.ceil(load / perProcessor) * (k / 32.0 / pieces) * slice) + 1.5 + sums;
  }
}
