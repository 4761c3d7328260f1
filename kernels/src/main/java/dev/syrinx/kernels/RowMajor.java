package dev.syrinx.kernels;

import java.lang.foreign.MemorySegment;

/** {@link Layout#ROW_MAJOR}. */
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
