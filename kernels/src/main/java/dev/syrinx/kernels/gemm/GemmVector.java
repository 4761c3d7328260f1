package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Memory.address;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.DType;
import java.lang.foreign.MemorySegment;

/**
 * Vector body of {@link Gemm}: blocks of rows times panels of outputs.
 *
 * <p>Each unit is one block of {@link #ROWS} rows by one panel. The panel is walked in runs of at most {@link #DEPTH} inputs, so that a run
 * of the panel stays in the first-level cache while all tiles of the block pass over it; partial sums wait in scratch memory. One row
 * alone (decoding) streams its panel once.
 *
 * <p>One core, 640x3840x1280, best of runs in turn (AVX-512): runs of 1024 inputs, in the second-level cache, 123-126 GFLOP/s; of 128, 133-137.
 */
final class GemmVector {
  /** Rows of a block: a multiple of the tile height. */
  static final int ROWS = 20 * Tile.ROWS;

  /** Inputs of a run. */
  static final int DEPTH = 128;

  private static final long SUMS = (long) ROWS * Panels.WIDTH * 4;

  private GemmVector() {}

  static int units(Arguments a) {
    return a.i32("batch") * blocks(a) * panels(a);
  }

  static long scratchBytes(Arguments a) {
    return SUMS + (a.dtype("w") == DType.F32 ? 0 : (long) DEPTH * Panels.WIDTH * 4);
  }

  private static int blocks(Arguments a) {
    return (a.i32("rows") + ROWS - 1) / ROWS;
  }

  private static int panels(Arguments a) {
    return (a.dim("n") + Panels.WIDTH - 1) / Panels.WIDTH;
  }

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int panels = panels(a);
    int blocks = blocks(a);
    int rows = a.i32("rows");
    if (rows == 1 && panels > 1 && streamed(a)) {
      stream(a, begin, end, panels, scratch.address());
      return;
    }
    for (int unit = begin; unit < end; unit++) {
      int block = unit / panels;
      int batch = block / blocks;
      int row0 = block % blocks * ROWS;
      int n0 = unit % panels * Panels.WIDTH;
      int count = Math.min(ROWS, rows - row0);
      multiply(a, batch, row0, count, n0, scratch);
      Epilogue.finish(a, batch, row0, count, n0, scratch.address());
    }
  }

  private static boolean streamed(Arguments a) {
    return Gemv.pairs(a.dtype("w")) && (a.i32("taps") == 1 || a.i32("x_tap") == a.dim("k") / a.i32("taps"));
  }

  /** One row of x: panels by twos. */
  private static void stream(Arguments a, int begin, int end, int panels, long sums) {
    DType dtype = a.dtype("w");
    int n = a.dim("n");
    int k = a.dim("k");
    for (int unit = begin; unit < end; unit++) {
      int batch = unit / panels;
      int n0 = unit % panels * Panels.WIDTH;
      long row = address(a, "x") + (long) batch * a.i32("x_batch") * 4;
      long panel = address(a, "w") + Panels.offset(dtype, n0, k);
      boolean two = unit + 1 < end && n0 + Panels.WIDTH < n && Panels.width(dtype, n, n0 + Panels.WIDTH) == Panels.WIDTH;
      if (two) {
        Gemv.pair(row, k, dtype, panel, sums, SUMS / 2);
        Epilogue.finish(a, batch, 0, 1, n0 + Panels.WIDTH, sums + SUMS / 2);
        unit++;
      } else {
        Gemv.row(row, k, dtype, panel, Panels.width(dtype, n, n0), sums);
      }
      Epilogue.finish(a, batch, 0, 1, n0, sums);
    }
  }

  /** Sums of {@code count} rows and the panel at {@code n0}, into scratch [count][WIDTH]. */
  private static void multiply(Arguments a, int batch, int row0, int count, int n0, MemorySegment scratch) {
    long x = address(a, "x");
    long w = address(a, "w");
    DType dtype = a.dtype("w");
    int taps = a.i32("taps");
    int k = a.dim("k") / taps;
    long xTap = a.i32("x_tap");
    if (xTap == k) { // taps follow each other: one long run
      k *= taps;
      taps = 1;
    }
    int width = Panels.width(dtype, a.dim("n"), n0);
    long panel = Panels.offset(dtype, n0, a.dim("k"));
    long x0 = (long) batch * a.i32("x_batch") + (long) row0 * a.i32("x_row");
    if (count == 1 && taps == 1) {
      Gemv.row(x + x0 * 4, k, dtype, w + panel, width, scratch.address());
      return;
    }
    scratch.asSlice(0, SUMS).fill((byte) 0);
    int tapsAtOnce = Math.max(1, DEPTH / k);
    for (int tap = 0; tap < taps; tap += tapsAtOnce) {
      int tapCount = Math.min(tapsAtOnce, taps - tap);
      for (int from = 0; from < k; from += DEPTH) {
        int depth = Math.min(DEPTH, k - from);
        long row = (long) tap * k + from;
        long w0 = w + panel + row * width * dtype.bytes();
        if (dtype != DType.F32) {
          long wide = scratch.address() + SUMS;
          Widen.run(dtype, w0, (long) tapCount * depth, width, wide);
          w0 = wide;
        }
        long xr = x + (x0 + tap * xTap + from) * 4;
        Tile.block(xr, a.i32("x_row") * 4L, xTap * 4, tapCount, depth, w0, width, scratch.address(), count);
      }
    }
  }
}
