package dev.syrinx.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** Single elements of a buffer by element index: for scalar references and tails. */
public final class Cells {
  private Cells() {}

  /** A float. */
  public static float get(MemorySegment segment, long index) {
    return segment.get(JAVA_FLOAT_UNALIGNED, index * 4);
  }

  /** Sets a float, rounding once. */
  public static void set(MemorySegment segment, long index, double value) {
    segment.set(JAVA_FLOAT_UNALIGNED, index * 4, (float) value);
  }

  /** Sets a float, or a half, rounding once. */
  public static void set(MemorySegment segment, DType dtype, long index, double value) {
    if (dtype == DType.F16) {
      segment.set(JAVA_SHORT_UNALIGNED, index * 2, half(value));
    } else {
      set(segment, index, value);
    }
  }

  /** The nearest half. By way of a float, but without rounding twice: what a float drops is remembered in its last bit. */
  private static short half(double value) {
    float near = (float) value;
    if (Double.isNaN(value) || Float.isInfinite(near) || near == value) {
      return Float.floatToFloat16(near);
    }
    float below = Math.abs((double) near) > Math.abs(value) ? Math.nextAfter(near, 0) : near;
    return Float.floatToFloat16(Float.intBitsToFloat(Float.floatToRawIntBits(below) | 1));
  }

  /** An int. */
  public static int getInt(MemorySegment segment, long index) {
    return segment.get(JAVA_INT_UNALIGNED, index * 4);
  }

  /** Sets an int. */
  public static void setInt(MemorySegment segment, long index, int value) {
    segment.set(JAVA_INT_UNALIGNED, index * 4, value);
  }

  /** A floating-point element of any storage type, as a float: exact. */
  public static float get(MemorySegment segment, DType dtype, long index) {
    return switch (dtype) {
      case F32 -> get(segment, index);
      case F16 -> Float.float16ToFloat(segment.get(JAVA_SHORT_UNALIGNED, index * 2));
      case BF16 -> DType.fromBf16(segment.get(JAVA_SHORT_UNALIGNED, index * 2));
      default -> throw new IllegalArgumentException("no floating-point element: " + dtype);
    };
  }

  /**
   * An index that a kernel read from memory, checked.
   *
   * @throws KernelArgumentException if it is not in [0, limit)
   */
  public static int index(Arguments a, String param, long at, int limit) {
    int value = getInt(a.segment(param), at);
    if (value < 0 || value >= limit) {
      throw new KernelArgumentException(a.spec().name(), param, "holds " + value + " at " + at + ", outside 0.." + (limit - 1));
    }
    return value;
  }
}
