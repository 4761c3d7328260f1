package dev.syrinx.tensor;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.View;
import java.util.Arrays;

/**
 * Numbers in a backend's memory with a shape. Sequences are time-major: {@code [time, channels]}. Immutable as a handle; views share
 * memory.
 *
 * <p>A tensor lives as long as the memory it was allocated from: a {@link Workspace} scope, or the model.
 */
public final class Tensor {
  private final View view;

  private Tensor(View view) {
    this.view = view;
  }

  /** Wraps a view of a backend's memory. */
  public static Tensor of(View view) {
    return new Tensor(view);
  }

  /** The buffer as kernels see it. */
  public View view() {
    return view;
  }

  public DType dtype() {
    return view.dtype();
  }

  public int rank() {
    return view.rank();
  }

  /** Extent of an axis. */
  public int dim(int axis) {
    return view.extent(axis);
  }

  /** Extent of the first axis. */
  public int rows() {
    return view.extent(0);
  }

  /** Extent of the last axis. */
  public int cols() {
    return view.extent(view.rank() - 1);
  }

  public long elements() {
    return view.elements();
  }

  /** Rows {@code from} to {@code to} (exclusive), sharing memory. */
  public Tensor rows(int from, int to) {
    if (from < 0 || from > to || to > rows()) {
      throw wrong("rows " + from + ".." + to);
    }
    int[] shape = view.shape();
    shape[0] = to - from;
    long offset = from * view.rowStride() * dtype().bytes();
    return new Tensor(View.strided(tail(offset), dtype(), view.rowStride(), shape));
  }

  /** Columns {@code from} to {@code to} (exclusive) of a matrix, sharing memory. */
  public Tensor cols(int from, int to) {
    if (rank() != 2 || from < 0 || from > to || to > cols()) {
      throw wrong("columns " + from + ".." + to);
    }
    return new Tensor(View.strided(tail((long) from * dtype().bytes()), dtype(), view.rowStride(), rows(), to - from));
  }

  /** The same elements with other extents; needs contiguous memory. */
  public Tensor reshape(int... shape) {
    if (!view.contiguous() || Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b) != elements()) {
      throw wrong("reshape " + Arrays.toString(shape));
    }
    return new Tensor(View.of(view.segment(), dtype(), shape));
  }

  /** A matrix's memory as words of 32 bits, for moving rows as they are: two halves are a word. Contiguous, of an even number of columns. */
  public Tensor words() {
    if (dtype() == DType.F32) {
      return this;
    }
    if (!view.contiguous() || dtype() != DType.F16 || cols() % 2 != 0) {
      throw wrong("words");
    }
    return new Tensor(View.of(view.segment(), DType.F32, rows(), cols() / 2));
  }

  /** All elements in one axis, gaps between rows included: what strided kernels such as {@code gemm} take. */
  public Tensor span() {
    int extent = Math.toIntExact(view.spanBytes() / dtype().bytes());
    return new Tensor(View.of(view.segment(), dtype(), extent));
  }

  private java.lang.foreign.MemorySegment tail(long byteOffset) {
    return view.segment().byteSize() == 0
        ? java.lang.foreign.MemorySegment.ofAddress(view.segment().address() + byteOffset)
        : view.segment().asSlice(byteOffset);
  }

  /** Copies host memory out, row by row: {@code [elements]}. For tensors of a CPU backend; others are downloaded by their backend. */
  public float[] toFloats() {
    float[] out = new float[Math.toIntExact(elements())];
    int inner = rows() == 0 ? 0 : out.length / rows();
    for (int r = 0; r < rows(); r++) {
      for (int i = 0; i < inner; i++) {
        out[r * inner + i] = view.segment().get(JAVA_FLOAT_UNALIGNED, (r * view.rowStride() + i) * 4);
      }
    }
    return out;
  }

  private ShapeException wrong(String what) {
    return new ShapeException(what + " of " + view);
  }

  @Override
  public String toString() {
    return view.toString();
  }
}
