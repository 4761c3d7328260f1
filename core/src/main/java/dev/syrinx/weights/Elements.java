package dev.syrinx.weights;

import dev.syrinx.kernels.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Conversion of stored elements, which are little-endian and of any alignment. */
final class Elements {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Elements() {}

  /** The elements {@code first}, {@code first + step}, … */
  static void toF32(DType dtype, MemorySegment from, long first, long step, float[] to, int at, int count) {
    int end = at + count;
    long offset = first * dtype.bytes();
    long bytes = step * dtype.bytes();
    switch (dtype) {
      case F32 -> {
        if (step == 1) {
          MemorySegment.copy(from, FLOAT, offset, to, at, count);
          return;
        }
        for (int i = at; i < end; i++, offset += bytes) {
          to[i] = from.get(FLOAT, offset);
        }
      }
      case F16 -> {
        for (int i = at; i < end; i++, offset += bytes) {
          to[i] = Float.float16ToFloat(from.get(SHORT, offset));
        }
      }
      case BF16 -> {
        for (int i = at; i < end; i++, offset += bytes) {
          to[i] = DType.fromBf16(from.get(SHORT, offset));
        }
      }
      case F64 -> {
        for (int i = at; i < end; i++, offset += bytes) {
          to[i] = (float) from.get(DOUBLE, offset);
        }
      }
      case I64, I32, I16, I8, U8, BOOL -> {
        for (int i = 0; i < count; i++) {
          to[at + i] = (float) integer(dtype, from, first + i * step);
        }
      }
    }
  }

  static void toLongs(DType dtype, MemorySegment from, long[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] = integer(dtype, from, i);
    }
  }

  private static long integer(DType dtype, MemorySegment from, long i) {
    return switch (dtype) {
      case I64 -> from.get(LONG, 8 * i);
      case I32 -> from.get(INT, 4 * i);
      case I16 -> from.get(SHORT, 2 * i);
      case I8 -> from.get(ValueLayout.JAVA_BYTE, i);
      case U8 -> from.get(ValueLayout.JAVA_BYTE, i) & 0xff;
      case BOOL -> from.get(ValueLayout.JAVA_BYTE, i) != 0 ? 1 : 0;
      case F64, F32, F16, BF16 -> throw new IllegalArgumentException(dtype + " is no integer type");
    };
  }
}
