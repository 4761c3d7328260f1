package dev.syrinx.kernels.conv;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.copy;
import static dev.syrinx.kernels.Memory.get;
import static dev.syrinx.kernels.Memory.set;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.Arguments;
import java.lang.foreign.MemorySegment;

/**
 * Vector body of {@link Snake} for 12 taps: channels, and where they are few, whole rows of channels, are lanes.
 *
 * <p>The doubled signal is two planes of the input's geometry, even samples and odd samples; in them both filters are sums of rows at fixed
 * distances. A unit is a block of rows by a block of columns, small enough that its planes stay in the second-level cache, with three more
 * rows of the planes on either side.
 */
final class SnakeVector {
  /** Floats of a plane of a unit, about. */
  private static final int PLANE = 4096;

  /** Rows of a plane before and behind the unit's, and of the input around the plane's. */
  private static final int HALO = 3;

  private SnakeVector() {}

  /** Columns of a unit: all of few, else two vectors. */
  private static int width(Arguments a) {
    return a.dim("c") <= 64 ? a.dim("c") : 32;
  }

  private static int rows(Arguments a) {
    return Math.max(16, PLANE / width(a));
  }

  static int units(Arguments a) {
    return Math.ceilDiv(a.dim("t"), rows(a)) * Math.ceilDiv(a.dim("c"), width(a));
  }

  private static long plane(Arguments a, int halo) {
    return ((long) (rows(a) + 2 * halo) * width(a) + 16) * 4;
  }

  /** Input with its halo, two planes, output, repeated frequencies and reciprocals. */
  static long scratchBytes(Arguments a) {
    return plane(a, 2 * HALO) + 2 * plane(a, HALO) + plane(a, 0) + 2 * 64L * 16 * 4;
  }

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int blocks = Math.ceilDiv(a.dim("c"), width(a));
    int ready = -1;
    for (int unit = begin; unit < end; unit++) {
      // Column blocks outside, so that the repeated factors are made once for many blocks of rows.
      int chunks = units(a) / blocks;
      int column = unit / chunks * width(a);
      int columns = Math.min(width(a), a.dim("c") - column);
      long factors = scratch.address() + scratchBytes(a) - 2 * 64L * 16 * 4;
      if (column != ready) {
        repeat(address(a, "frequency") + column * 4L, columns, factors);
        repeat(address(a, "reciprocal") + column * 4L, columns, factors + 64L * 16 * 4);
        ready = column;
      }
      int row = unit % chunks * rows(a);
      block(a, row, Math.min(rows(a), a.dim("t") - row), column, columns, scratch.address(), factors);
    }
  }

  /** Whole vectors of values that repeat after {@code columns}. */
  private static void repeat(long from, int columns, long to) {
    for (int i = 0; i < columns * LANES; i++) {
      set(to + i * 4L, get(from + i % columns * 4L));
    }
  }

  /** Rows [row, row + rows) and columns [column, column + columns). */
  private static void block(Arguments a, int row, int rows, int column, int columns, long input, long factors) {
    long even = input + plane(a, 2 * HALO);
    long odd = even + plane(a, HALO);
    long output = odd + plane(a, HALO);
    int t = a.dim("t");
    int planeRows = rows + 2 * HALO;
    boolean whole = columns % LANES == 0;
    long line = columns * 4L;
    long xRow = a.stride("x") * 4;
    long x = address(a, "x") + column * 4L;
    int before = row - 2 * HALO;
    boolean direct = whole && before >= 0 && before + planeRows + 2 * HALO <= t;
    if (!direct) {
      gather(x, xRow, t, before, planeRows + 2 * HALO, columns, input);
    }
    long from = direct ? x + before * xRow : input;
    long row0 = direct ? xRow : line;
    if (whole) {
      SnakeLoops.up(from, row0, columns / LANES, planeRows, row0, line, address(a, "up"), even, odd);
    } else {
      SnakeLoops.up(from, row0, 1, vectors(planeRows * line), LANES * 4L, LANES * 4L, address(a, "up"), even, odd);
    }
    SnakeLoops.activate(even, planeRows * line, factors, columns);
    SnakeLoops.activate(odd, planeRows * line, factors, columns);
    edges(even, odd, line, row - HALO, planeRows, t);
    long yRow = a.stride("y") * 4;
    long y = address(a, "y") + row * yRow + column * 4L;
    if (whole) {
      SnakeLoops.down(even, odd, line, columns / LANES, rows, line, yRow, address(a, "down"), y);
    } else {
      SnakeLoops.down(even, odd, line, 1, vectors(rows * line), LANES * 4L, LANES * 4L, address(a, "down"), output);
      scatter(output, rows, columns, y, yRow);
    }
  }

  private static int vectors(long bytes) {
    return (int) Math.ceilDiv(bytes, LANES * 4L);
  }

  /** Copies {@code count} rows from {@code first} on, the edge rows repeated outside. */
  private static void gather(long x, long xRow, int t, int first, int count, int columns, long to) {
    for (int i = 0; i < count; ) {
      int row = Math.clamp(first + i, 0, t - 1);
      boolean run = xRow == columns * 4L && first + i == row;
      int n = run ? Math.min(count - i, t - row) : 1;
      copy(x + row * xRow, to + (long) i * columns * 4, (long) n * columns);
      i += n;
    }
  }

  private static void scatter(long from, int rows, int columns, long y, long yRow) {
    boolean run = yRow == columns * 4L;
    for (int i = 0; i < (run ? 1 : rows); i++) {
      copy(from + (long) i * columns * 4, y + i * yRow, run ? (long) rows * columns : columns);
    }
  }

  /**
   * Rows of the planes outside the signal repeat its first or last activated sample. Row 0 of the planes is row {@code first} of the
   * signal.
   */
  private static void edges(long even, long odd, long line, int first, int rows, int t) {
    for (int i = 0; i < rows; i++) {
      if (first + i < 0 || first + i >= t) {
        long from = first + i < 0 ? even - first * line : odd + (t - 1 - first) * line;
        copy(from, even + i * line, line / 4);
        copy(from, odd + i * line, line / 4);
      }
    }
  }
}
