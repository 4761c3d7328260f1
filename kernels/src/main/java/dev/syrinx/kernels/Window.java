package dev.syrinx.kernels;

/**
 * A part of a buffer of halves as a device's copy engine sees it. It brings boxes of 64 columns and some rows to shared memory; what lies outside of the part arrives as zeros.
 *
 * @param buffer name of a parameter; empty for scratch memory
 * @param offset elements before the first one
 * @param columns elements that follow each other
 * @param rows of a batch; {@code rowStride} elements from one to the next
 * @param batches {@code batchStride} elements from one to the next
 * @param boxRows rows of a box
 */
public record Window(String buffer, long offset, int columns, int rows, int batches, long rowStride, long batchStride, int boxRows) {
  /** Bytes of a window among an entry's parameters, and their alignment. */
  public static final int BYTES = 128;

  /** Bytes that addresses and strides are multiples of. */
  private static final int GRAIN = 16;

  private static final int MOST_BOX_ROWS = 256;

  /** @throws IllegalArgumentException if no copy engine could take it */
  public Window {
    if (columns < 1 || rows < 1 || batches < 1 || !fits(rowStride, columns, 1) || !fits(batchStride, rows, rowStride) || boxRows < 1 || boxRows > MOST_BOX_ROWS) {
      throw new IllegalArgumentException(
          "impossible window on '" + buffer + "': " + batches + " x " + rows + " x " + columns + ", strides " + batchStride + ", " + rowStride + ", boxes of " + boxRows);
    }
  }

  /** All of a matrix. */
  public static Window of(String buffer, int columns, int rows, long rowStride, int boxRows) {
    return new Window(buffer, 0, columns, rows, 1, rowStride, rows * rowStride, boxRows);
  }

  /** Whether elements of so many bytes' distance can be the steps of an axis over {@code count} things that are {@code apart} elements apart. */
  public static boolean fits(long stride, long count, long apart) {
    return stride * DType.F16.bytes() % GRAIN == 0 && stride >= count * apart;
  }

  /** Whether a buffer begins where a window may begin. */
  public static boolean begins(Arguments a, String buffer) {
    return a.segment(buffer).address() % GRAIN == 0;
  }

  /** Where its first element lies. */
  public long address(Arguments a, long scratch) {
    return (buffer.isEmpty() ? scratch : a.segment(buffer).address()) + offset * DType.F16.bytes();
  }
}
