package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;

/**
 * A tile of outputs on tensor cores, and what is known of its time. The sizes are those of {@code gemm/mma.cuh}, {@code gemm/group.cuh}, {@code gemm/pipeline.cuh} and
 * {@code gemm/turned.cuh}.
 *
 * <p>What NVIDIA's library takes for the flow's shapes (2582 rows, halves, an H100) and what ours take in a step, with gates, residuals and float outputs: 512 to 1536 9.5 us
 * and, with heads turned, 10.3; 512 to 512 6.0 and 8.6, 512 to 3072 15.7 and, gated, 17.2, 1536 to 512 9.7 and 13.3, 1024 to 512 7.6 and 9.4; 2560 to 1024 of 1754 rows 14.7 and,
 * gated, 15.9. Shared memory is the limit of all tiles: see {@code gemm/gemm_mma.cu}. Outputs of 512 columns are 84
 * tiles of 128 x 128, which leave a third of the device idle: turned tiles fill it.
 *
 * @param kernel {@code mma}, {@code group} for warpgroups, {@code pipeline} for warpgroups to which the copy engine brings their slices, or {@code turned} for
 *     those whose rows are the outputs' columns
 * @param rows outputs of a block; {@code columns} likewise
 * @param threads of a block
 * @param perProcessor blocks that run at once on one multiprocessor
 * @param rate MFLOP per microsecond of a busy multiprocessor, at most
 * @param start microseconds before the first sums of halves by warpgroups, beside what is told by {@code write}
 * @param write microseconds that a block needs to write 128 x 128 outputs; with others beside it, it has fewer registers to wait with
 */
record MmaTile(String kernel, int rows, int columns, int threads, int perProcessor, double rate, double start, double write) {
  /** Bytes that the second-level cache of an H100 gives in a microsecond. */
  private static final double L2_BYTES = 4.3e6;

  /** For any device. */
  static final List<MmaTile> WARPS = List.of(mma(128, 128, 2, 3.2), mma(128, 64, 2, 2.7), mma(64, 64, 3, 2.1), mma(128, 32, 3, 1.6));

  private static final List<MmaTile> GROUPS = List.of(
      group(128, 256, 1, 4.8), group(128, 192, 1, 4.5), group(128, 128, 2, 4.4), group(128, 96, 2, 4.1), group(128, 64, 2, 3.5), group(128, 48, 2, 3),
      group(128, 32, 2, 2.3), group(64, 128, 3, 3.2));

  /** Halves on Hopper, where the copy engine finds them: times fitted to all products of the flow, the vocoder and w2v-BERT with each of the tiles. */
  static final List<MmaTile> PIPELINES = List.of(
      pipeline(256, 1, 8, 1.5, 1.5), pipeline(192, 1, 7.4, 1.1, 2.1), pipeline(128, 1, 7.8, 0.5, 3.7), pipeline(96, 2, 4.2, 2.8, 1.7), pipeline(64, 2, 3.5, 3.6, 1.1));

  /** The same by warpgroups that bring their slices themselves, two blocks beside each other. */
  static final List<MmaTile> HALF_GROUPS = List.of(group(128, 128, 2, 4.8), group(128, 96, 2, 4.8), group(128, 64, 2, 4.8), group(64, 128, 3, 4.8));

  /** The same with columns and rows turned, for few columns. */
  static final List<MmaTile> TURNED = List.of(turned(56, 4.6), turned(80, 5), turned(112, 5.4));

  private static MmaTile turned(int rows, double rate) {
    return new MmaTile("turned", rows, TurnedTile.COLUMNS, TurnedTile.THREADS, 1, rate, 2.5, 2.5);
  }

  /** Whether the copy engine brings slices of x and w. */
  boolean windows() {
    return kernel.equals("pipeline") || kernel.equals("turned");
  }

  private static MmaTile pipeline(int columns, int perProcessor, double rate, double start, double write) {
    return new MmaTile("pipeline", 128, columns, perProcessor == 1 ? 384 : 288, perProcessor, rate, start, write);
  }

  private static MmaTile mma(int rows, int columns, int perProcessor, double rate) {
    return new MmaTile("mma", rows, columns, 256, perProcessor, rate, START, WRITE);
  }

  private static MmaTile group(int rows, int columns, int perProcessor, double rate) {
    return new MmaTile("group", rows, columns, 2 * rows, perProcessor, rate, START, WRITE);
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
   * @param taps that share them, or 1
   * @param copied whether x is in halves
   */
  int sharedBytes(int reach, int taps, boolean copied) {
    if (kernel.equals("mma")) {
      return 4 * (rows + columns) * 64 + rows * 12; // four stages of 32 halves; where the rows of y and x begin
    }
    if (kernel.equals("turned")) {
      return new TurnedTile(rows).sharedBytes();
    }
    int inputs = rows + reach;
    int stages = stages(); // of 64 halves
    int inputStages = kernel.equals("group") ? copied && taps == 1 ? stages : 2 : (stages - 2 + taps) / taps + 1;
    int tables = kernel.equals("group") ? rows * 8 + inputs * 4 : stages * 16; // where rows begin; barriers
    return stages * columns * 128 + inputStages * ((inputs + 7) & -8) * 128 + tables;
  }

  private int stages() {
    return switch (columns) {
      case 256 -> 4;
      case 192 -> kernel.equals("group") ? 4 : 5;
      default -> kernel.equals("group") ? 3 : perProcessor == 1 ? 6 : 4;
    };
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

  /** Bytes that reach one multiprocessor in a microsecond, as measured on an H100 while all of them read. */
  private static final double PROCESSOR_BYTES = 35e3;

  /** A slice that a block waits for before it asks for the next but one takes this long. */
  private static final double LATENCY = 1.1;

  /** Start and end of a launch. */
  private static final double START = 5;

  /** What a block needs to write 128 x 128 outputs. */
  private static final double WRITE = 1.5;

  /**
   * Predicted microseconds of a product of halves by warpgroups, fitted to an H100's.
   *
   * @param blocks of the grid
   * @param taps that share rows of x, or 1
   * @param run columns of k of a tap
   */
  double halfTime(long blocks, int reach, int taps, int run, int pieces, double sumBytes, Gpu gpu) {
    long load = Math.ceilDiv(blocks * pieces, gpu.multiprocessors());
    long together = Math.min(load, perProcessor);
    int chunks = Math.ceilDiv(run, 64);
    double depth = Math.ceilDiv(Math.ceilDiv(run, chunks), 16) * 16; // columns of a slice
    boolean group = kernel.equals("group");
    double bytes = 2 * depth * (columns + (double) (rows + reach) / taps);
    double slice = together * Math.max(group ? bytes / PROCESSOR_BYTES : 0, 2e-6 * rows * columns * depth / rate);
    slice = Math.max(slice, group ? LATENCY : 0);
    double slices = Math.ceil(chunks / (double) pieces) * taps;
    double written = together * write * rows * columns / 16_384.0;
    return start + Math.ceilDiv(load, perProcessor) * (slices * slice + written) + (pieces == 1 ? 0 : 3 + 2 * pieces * sumBytes / 2.5e6);
  }
}
