package dev.syrinx.kernels;

import java.lang.foreign.MemorySegment;

/**
 * How a weight matrix lies in memory. A variant that wants its weights in another order than row-major names the layout; they are packed
 * once, at load.
 */
public interface Layout {
  /** Rows follow each other: {@code w[n][k]}. */
  @SuppressWarnings("ClassInitializationDeadlock") // nobody outside this package reaches RowMajor but through this constant
  Layout ROW_MAJOR = new RowMajor();

  String name();

  /** Bytes of a packed tensor of these logical extents. */
  long bytes(DType dtype, int[] shape);

  /** Writes a row-major matrix into {@code target} in this layout. */
  default void pack(View rowMajor, MemorySegment target) {
    packBlock(rowMajor, 0, 0, rowMajor.shape(), target);
  }

  /**
   * Writes a block of a matrix that comes in pieces; the target is whole once every element has been written, in any order and by any
   * threads.
   *
   * @param block row-major
   * @param firstRow index of the block's first row in the matrix
   * @param firstColumn index of the block's first column in the matrix
   * @param shape extents of the whole matrix
   * @param target of {@link #bytes} of the whole matrix
   */
  void packBlock(View block, int firstRow, int firstColumn, int[] shape, MemorySegment target);
}
