package dev.syrinx.kernels;

import java.lang.foreign.MemorySegment;

/** How a weight matrix lies in memory. A variant that wants its weights in another order than row-major names the layout; they are packed once, at load. */
public interface Layout {
  /** Rows follow each other: {@code w[n][k]}. */
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

  /** The plain order. */
  record RowMajor() implements Layout {
    @Override
    public String name() {
      return "row-major";
    }

    @Override
    public long bytes(DType dtype, int[] shape) {
      long elements = 1;
      for (int extent : shape) {
        elements = Math.multiplyExact(elements, (long) extent);
      }
      return elements * dtype.bytes();
    }

    @Override
    public void packBlock(View block, int firstRow, int firstColumn, int[] shape, MemorySegment target) {
      int width = block.dtype().bytes();
      for (int row = 0; row < block.extent(0); row++) {
        long to = (long) (firstRow + row) * shape[1] + firstColumn;
        MemorySegment.copy(block.segment(), row * block.rowStride() * width, target, to * width, (long) block.extent(1) * width);
      }
    }
  }
}
