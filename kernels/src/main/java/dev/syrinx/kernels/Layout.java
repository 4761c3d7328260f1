package dev.syrinx.kernels;

import java.lang.foreign.MemorySegment;

/** How a weight matrix lies in memory. A variant that wants its weights in another order than row-major names the layout; they are packed once, at load. */
public interface Layout {
  /** Rows follow each other: {@code w[n][k]}. */
  Layout ROW_MAJOR = new RowMajor();

  String name();

  /** Bytes of a packed tensor of these logical extents. */
  long bytes(DType dtype, int[] shape);

  /** Writes a row-major tensor into {@code target} in this layout. */
  void pack(View rowMajor, MemorySegment target);

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
    public void pack(View rowMajor, MemorySegment target) {
      target.copyFrom(rowMajor.segment().asSlice(0, bytes(rowMajor.dtype(), rowMajor.shape())));
    }
  }
}
