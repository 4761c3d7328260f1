package dev.syrinx.kernels.sample;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** Sorts (float, index) pairs in scratch memory, packed in longs: ascending by value, equal values by index. Allocates nothing. */
final class Ranking {
  /** Bytes of a pair. */
  static final long BYTES = 8;

  private Ranking() {}

  static void set(MemorySegment pairs, int at, float value, int index) {
    write(pairs, at, (long) ordered(Float.floatToRawIntBits(value)) << 32 | index);
  }

  static float value(MemorySegment pairs, int at) {
    return Float.intBitsToFloat(ordered((int) (read(pairs, at) >> 32)));
  }

  static int index(MemorySegment pairs, int at) {
    return (int) read(pairs, at);
  }

  /** Bits whose order as ints is the order of the floats, and back again. */
  private static int ordered(int bits) {
    return bits ^ (bits >> 31 & 0x7fffffff);
  }

  /** Heap sort. */
  static void sort(MemorySegment pairs, int count) {
    for (int i = count / 2 - 1; i >= 0; i--) {
      sink(pairs, i, count);
    }
    for (int end = count - 1; end > 0; end--) {
      long greatest = read(pairs, 0);
      write(pairs, 0, read(pairs, end));
      write(pairs, end, greatest);
      sink(pairs, 0, end);
    }
  }

  private static void sink(MemorySegment pairs, int start, int count) {
    long pair = read(pairs, start);
    int at = start;
    while (2 * at + 1 < count) {
      int child = 2 * at + 1;
      if (child + 1 < count && read(pairs, child + 1) > read(pairs, child)) {
        child++;
      }
      if (read(pairs, child) <= pair) {
        break;
      }
      write(pairs, at, read(pairs, child));
      at = child;
    }
    write(pairs, at, pair);
  }

  private static long read(MemorySegment pairs, int at) {
    return pairs.get(JAVA_LONG_UNALIGNED, at * BYTES);
  }

  private static void write(MemorySegment pairs, int at, long pair) {
    pairs.set(JAVA_LONG_UNALIGNED, at * BYTES, pair);
  }
}
