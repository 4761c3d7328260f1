package dev.syrinx.kernels.gemm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Layout;
import dev.syrinx.kernels.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The weight matrix {@code w[n][k]} as one sequential stream for the CPU: panels of {@link #WIDTH} outputs, in each panel k-major,
 * {@code panel[k][n mod WIDTH]}, padded with zeros to {@link #granule}.
 *
 * <p>Narrow types are interleaved so that an int lane holds elements that lie 16 outputs apart (2 halves or 4 bytes): shifts then widen
 * them without shuffles. Bits: 16-bit types: int lane j of a 32-output group = n=j | n=j+16 &lt;&lt; 16. 8-bit: lane j of a 64-output group
 * = bytes n=j, j+16, j+32, j+48.
 */
public final class Panels implements Layout {
  /** Outputs of a full panel. */
  public static final int WIDTH = 64;

  /** The one instance. */
  public static final Panels LAYOUT = new Panels();

  /** Columns packed at a time: 64 of a full panel are 16 KiB. */
  private static final int DEPTH = 64;

  private Panels() {}

  @Override
  public String name() {
    return "panels";
  }

  /** Outputs to which a panel's width is rounded up. */
  public static int granule(DType dtype) {
    return 64 / dtype.bytes();
  }

  /** Outputs stored in the panel that starts at output {@code n0}. */
  public static int width(DType dtype, int n, int n0) {
    int granule = granule(dtype);
    return Math.min(WIDTH, (n - n0 + granule - 1) / granule * granule);
  }

  /** Byte offset of the panel that starts at output {@code n0}. */
  public static long offset(DType dtype, int n0, int k) {
    return (long) n0 * k * dtype.bytes();
  }

  @Override
  public long bytes(DType dtype, int[] shape) {
    int last = (shape[0] - 1) / WIDTH * WIDTH;
    return offset(dtype, last, shape[1]) + (long) width(dtype, shape[0], last) * shape[1] * dtype.bytes();
  }

  @Override
  public void packBlock(View block, int firstRow, int firstColumn, int[] shape, MemorySegment target) {
    DType dtype = block.dtype();
    int n = shape[0];
    int end = firstRow + block.extent(0);
    Object run = run(dtype);
    for (int n0 = firstRow / WIDTH * WIDTH; n0 < end; n0 += WIDTH) {
      int from = Math.max(n0, firstRow);
      int to = Math.min(n0 + WIDTH, end);
      int width = width(dtype, n, n0);
      long offset = offset(dtype, n0, shape[1]) + (long) firstColumn * width * dtype.bytes();
      MemorySegment part = target.asSlice(offset, (long) width * block.extent(1) * dtype.bytes());
      packPanel(block, from - firstRow, to - firstRow, part, from - n0, width, run);
      if (to == n) {
        clearPadding(dtype, part, n - n0, width, block.extent(1));
      }
    }
  }

  /**
   * Rows {@code from} to {@code to} become outputs j and so on of a panel. Some columns of all rows at a time, so that what is written
   * stays in the first cache until its lines are full.
   *
   * @param run for {@link #DEPTH} elements
   */
  private static void packPanel(View block, int from, int to, MemorySegment panel, int j, int width, Object run) {
    DType dtype = block.dtype();
    int k = block.extent(1);
    ValueLayout element = element(dtype);
    for (int i = 0; i < k; i += DEPTH) {
      int count = Math.min(DEPTH, k - i);
      for (int row = from; row < to; row++) {
        MemorySegment.copy(block.segment(), element, (row * block.rowStride() + i) * dtype.bytes(), run, 0, count);
        spread(run, count, panel, (long) i * width + position(dtype, j + row - from), width);
      }
    }
  }

  /** Zeros for the outputs {@code used} to {@code width} of the last panel. */
  private static void clearPadding(DType dtype, MemorySegment panel, int used, int width, int k) {
    Object zeros = run(dtype);
    for (int i = 0; i < k; i += DEPTH) {
      for (int j = used; j < width; j++) {
        spread(zeros, Math.min(DEPTH, k - i), panel, (long) i * width + position(dtype, j), width);
      }
    }
  }

  /** Where output j of a panel lies within a k-row of it, in elements. */
  static int position(DType dtype, int j) {
    return switch (dtype.bytes()) {
      case 4 -> j;
      case 2 -> j / 32 * 32 + (j % 16) * 2 + (j % 32) / 16;
      default -> (j % 16) * 4 + j / 16;
    };
  }

  private static Object run(DType dtype) {
    return switch (dtype.bytes()) {
      case 4 -> new int[DEPTH];
      case 2 -> new short[DEPTH];
      default -> new byte[DEPTH];
    };
  }

  private static ValueLayout element(DType dtype) {
    return switch (dtype.bytes()) {
      case 4 -> JAVA_INT_UNALIGNED;
      case 2 -> JAVA_SHORT_UNALIGNED;
      default -> JAVA_BYTE;
    };
  }

  /** Elements that follow each other go {@code step} elements apart, from element {@code position} on. */
  private static void spread(Object run, int count, MemorySegment to, long position, int step) {
    switch (run) {
      case int[] elements -> {
        long at = position * 4;
        for (int i = 0; i < count; i++, at += step * 4L) {
          to.set(JAVA_INT_UNALIGNED, at, elements[i]);
        }
      }
      case short[] elements -> {
        long at = position * 2;
        for (int i = 0; i < count; i++, at += step * 2L) {
          to.set(JAVA_SHORT_UNALIGNED, at, elements[i]);
        }
      }
      case byte[] elements -> {
        long at = position;
        for (int i = 0; i < count; i++, at += step) {
          to.set(JAVA_BYTE, at, elements[i]);
        }
      }
      default -> throw new IllegalArgumentException("no array of elements: " + run);
    }
  }
}
