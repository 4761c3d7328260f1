package dev.syrinx.weights;

import dev.syrinx.kernels.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A tensor as it lies in a file: row-major, contiguous, little-endian.
 *
 * <p>{@code data} is usually a view of mapped memory: it is valid until the source it came from is closed, must not be written to, and may
 * start at any address, so read it with the unaligned layouts of {@link ValueLayout}.
 *
 * @param name name within its file, for messages
 * @param dtype element type
 * @param shape extents, outermost first; empty for a scalar
 * @param data exactly {@code elements() * dtype.bytes()} bytes
 */
public record StoredTensor(String name, DType dtype, List<Integer> shape, MemorySegment data) {
  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  /**
   * @throws CheckpointException if the extents are negative or do not fit the bytes
   */
  public StoredTensor {
    shape = List.copyOf(shape);
    long expected = bytes(name, dtype, shape);
    if (expected != data.byteSize()) {
      throw new CheckpointException(
          "tensor '%s': %s %s needs %d bytes, but %d are stored".formatted(name, dtype, shape, expected, data.byteSize()));
    }
  }

  /** A tensor over an array of the heap; the array is not copied. */
  public static StoredTensor ofFloats(String name, float[] values, int... shape) {
    return new StoredTensor(name, DType.F32, Shapes.list(shape), MemorySegment.ofArray(values));
  }

  /** A tensor over an array of the heap; the array is not copied. */
  public static StoredTensor ofLongs(String name, long[] values, int... shape) {
    return new StoredTensor(name, DType.I64, Shapes.list(shape), MemorySegment.ofArray(values));
  }

  /** Number of elements: the product of the extents, 1 for a scalar. */
  public long elements() {
    return data.byteSize() / dtype.bytes();
  }

  /** Number of extents. */
  public int rank() {
    return shape.size();
  }

  /** One extent; negative axes count from the last. */
  public int dim(int axis) {
    return shape.get(axis < 0 ? shape.size() + axis : axis);
  }

  /** The same bytes under another name. */
  public StoredTensor named(String other) {
    return other.equals(name) ? this : new StoredTensor(other, dtype, shape, data);
  }

  /**
   * All elements as float32, row-major; 64-bit floats and integers are rounded to the nearest float.
   *
   * @throws CheckpointException if there are more elements than an array holds
   */
  public float[] toFloats() {
    float[] values = new float[arrayLength()];
    read(0, values.length, values, 0);
    return values;
  }

  /** Some elements as {@link #toFloats} has them: {@code count} from the element {@code first} on, to {@code into[at]} and behind. */
  public void read(long first, int count, float[] into, int at) {
    read(first, 1, count, into, at);
  }

  /** The same for elements that lie {@code step} apart. */
  public void read(long first, long step, int count, float[] into, int at) {
    Elements.toF32(dtype, data, first, step, into, at, count);
  }

  /**
   * All elements of a tensor of integers or booleans.
   *
   * @throws CheckpointException if the elements are floating-point numbers, or more than an array holds
   */
  public long[] toLongs() {
    if (dtype.floating()) {
      throw new CheckpointException("tensor '%s': expected integers, found %s %s".formatted(name, dtype, shape));
    }
    long[] values = new long[arrayLength()];
    Elements.toLongs(dtype, data, values);
    return values;
  }

  private int arrayLength() {
    if (elements() > LARGEST_ARRAY) {
      throw new CheckpointException("tensor '%s' %s has too many elements for one array".formatted(name, shape));
    }
    return (int) elements();
  }

  private static long bytes(String name, DType dtype, List<Integer> shape) {
    try {
      return Math.multiplyExact(Shapes.elements(shape), (long) dtype.bytes());
    } catch (ArithmeticException e) {
      throw new CheckpointException("tensor '%s': impossible shape %s".formatted(name, shape), e);
    }
  }
}
