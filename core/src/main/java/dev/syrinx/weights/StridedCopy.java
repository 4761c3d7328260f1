package dev.syrinx.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Makes a strided view contiguous. */
final class StridedCopy {
  private StridedCopy() {}

  /** Whether elements follow each other in row-major order; strides of extents 0 and 1 mean nothing. */
  static boolean contiguous(List<Integer> shape, List<Long> strides) {
    long expected = 1;
    boolean contiguous = true;
    for (int i = shape.size() - 1; i >= 0; i--) {
      int extent = shape.get(i);
      if (extent == 0) {
        return true;
      }
      contiguous &= extent == 1 || strides.get(i) == expected;
      expected *= extent;
    }
    return contiguous;
  }

  /**
   * @param from the view's first element and what follows; bounds have been checked
   * @param width bytes of one element
   * @return {@code to}, filled
   */
  static MemorySegment copy(MemorySegment from, List<Integer> shape, List<Long> strides, int width, MemorySegment to) {
    int rank = shape.size();
    int inner = shape.get(rank - 1);
    long step = strides.get(rank - 1) * width;
    int[] index = new int[rank];
    long source = 0;
    for (long target = 0; target < to.byteSize(); target += (long) inner * width) {
      copyRow(from, source, step, to, target, inner, width);
      for (int axis = rank - 2; axis >= 0; axis--) {
        source += strides.get(axis) * width;
        if (++index[axis] < shape.get(axis)) {
          break;
        }
        source -= strides.get(axis) * width * index[axis];
        index[axis] = 0;
      }
    }
    return to;
  }

  private static void copyRow(MemorySegment from, long source, long step, MemorySegment to, long target, int count, int width) {
    if (step == width) {
      MemorySegment.copy(from, source, to, target, (long) count * width);
      return;
    }
    for (int i = 0; i < count; i++) {
      long at = source + i * step;
      long into = target + (long) i * width;
      switch (width) {
        case 1 -> to.set(ValueLayout.JAVA_BYTE, into, from.get(ValueLayout.JAVA_BYTE, at));
        case 2 -> to.set(ValueLayout.JAVA_SHORT_UNALIGNED, into, from.get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
        case 4 -> to.set(ValueLayout.JAVA_INT_UNALIGNED, into, from.get(ValueLayout.JAVA_INT_UNALIGNED, at));
        case 8 -> to.set(ValueLayout.JAVA_LONG_UNALIGNED, into, from.get(ValueLayout.JAVA_LONG_UNALIGNED, at));
        default -> MemorySegment.copy(from, at, to, into, width);
      }
    }
  }
}
