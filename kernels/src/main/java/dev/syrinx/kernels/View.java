package dev.syrinx.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A buffer as a kernel sees it: where it lies, what its elements are, and its extents.
 *
 * <p>Elements are row-major and contiguous, except that consecutive indices of the first axis may be {@link #rowStride()} elements apart
 * (a slice of columns of a wider matrix). A device buffer is a zero-length segment that holds the address, so that a stray host read
 * throws.
 */
public final class View {
  private final MemorySegment segment;
  private final DType dtype;
  private final int[] shape;
  private final long rowStride;
  private final Layout layout;

  private View(MemorySegment segment, DType dtype, int[] shape, long rowStride, Layout layout) {
    this.segment = segment;
    this.dtype = dtype;
    this.shape = shape;
    this.rowStride = rowStride;
    this.layout = layout;
  }

  /** A contiguous row-major view. */
  public static View of(MemorySegment segment, DType dtype, int... shape) {
    return strided(segment, dtype, inner(shape), shape);
  }

  /** A view whose first axis advances by {@code rowStride} elements. */
  public static View strided(MemorySegment segment, DType dtype, long rowStride, int... shape) {
    return new View(segment, dtype, shape.clone(), rowStride, Layout.ROW_MAJOR);
  }

  /** A packed weight: logical extents {@code shape}, stored as {@code layout} says. */
  public static View packed(MemorySegment segment, DType dtype, Layout layout, int... shape) {
    return new View(segment, dtype, shape.clone(), inner(shape), layout);
  }

  /** The same extents, strides and layout over other memory. */
  public View at(MemorySegment memory) {
    return new View(memory, dtype, shape, rowStride, layout);
  }

  private static long inner(int[] shape) {
    long product = 1;
    for (int i = 1; i < shape.length; i++) {
      product *= shape[i];
    }
    return product;
  }

  /** The memory; index 0 is the first element. */
  public MemorySegment segment() {
    return segment;
  }

  public DType dtype() {
    return dtype;
  }

  public int rank() {
    return shape.length;
  }

  /** Extent of one axis. */
  public int extent(int axis) {
    return shape[axis];
  }

  public int[] shape() {
    return shape.clone();
  }

  /** Elements between consecutive indices of the first axis. */
  public long rowStride() {
    return rowStride;
  }

  public Layout layout() {
    return layout;
  }

  /** Number of logical elements. */
  public long elements() {
    return shape.length == 0 ? 1 : shape[0] * inner(shape);
  }

  /** Bytes from the first to behind the last element. */
  public long spanBytes() {
    if (!layout.equals(Layout.ROW_MAJOR)) {
      return layout.bytes(dtype, shape);
    }
    return elements() == 0 ? 0 : ((shape.length == 0 ? 0 : (shape[0] - 1) * rowStride) + inner(shape)) * dtype.bytes();
  }

  /** Whether rows follow each other without gaps. */
  public boolean contiguous() {
    return layout.equals(Layout.ROW_MAJOR) && (shape.length < 2 || shape[0] <= 1 || rowStride == inner(shape));
  }

  @Override
  public String toString() {
    return dtype
        + Arrays.toString(shape)
        + (contiguous() ? "" : layout.equals(Layout.ROW_MAJOR) ? " stride " + rowStride : " " + layout.name());
  }
}
