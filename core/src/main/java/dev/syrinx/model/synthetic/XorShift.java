package dev.syrinx.model.synthetic;

import java.util.stream.IntStream;

/**
 * Numbers of a 64-bit xorshift generator (Marsaglia 2003), in order, but not made one after the other: a step is a linear map over
 * single bits, so that powers of its matrix lead straight to any later state. That breaks the chain of dependent shifts and lets several
 * threads fill an array.
 */
final class XorShift {
  private static final int BITS = 64;
  private static final int LANES = 4;

  /** Numbers made by one thread at a time, and by one of its lanes. */
  private static final int CHUNK = 1 << 18;

  private static final int LANE = CHUNK / LANES;

  /** Columns of the matrices of 1, 2, 4, … steps: {@code [power][bit]}. */
  private static final long[][] POWERS = powers();

  private XorShift() {}

  /** The state after one step. */
  static long next(long state) {
    long s = state;
    s ^= s << 13;
    s ^= s >>> 7;
    s ^= s << 17;
    return s;
  }

  /** The state after so many steps. */
  static long after(long state, int steps) {
    long s = state;
    for (int power = 0; power < POWERS.length; power++) {
      if ((steps >> power & 1) != 0) {
        s = times(POWERS[power], s);
      }
    }
    return s;
  }

  /** Uniform numbers in centre ± spread; the first is that of the state after {@code start}. */
  static void fill(float[] values, float centre, float spread, long start) {
    IntStream.range(0, Math.ceilDiv(values.length, CHUNK)).parallel().forEach(chunk -> {
      int from = chunk * CHUNK;
      long state = after(start, from);
      if (values.length - from < CHUNK) {
        fill(values, from, values.length, centre, spread, state);
      } else {
        fillChunk(values, from, centre, spread, state);
      }
    });
  }

  private static void fill(float[] values, int from, int to, float centre, float spread, long start) {
    long s = start;
    for (int i = from; i < to; i++) {
      s = next(s);
      values[i] = centre + spread * ((s >> 40) * 0x1p-23f);
    }
  }

  /** Four independent chains, so that the processor has something to do while a shift takes its time. */
  private static void fillChunk(float[] values, int from, float centre, float spread, long start) {
    long a = start;
    long b = after(a, LANE);
    long c = after(b, LANE);
    long d = after(c, LANE);
    for (int i = from; i < from + LANE; i++) {
      a = next(a);
      b = next(b);
      c = next(c);
      d = next(d);
      values[i] = centre + spread * ((a >> 40) * 0x1p-23f);
      values[i + LANE] = centre + spread * ((b >> 40) * 0x1p-23f);
      values[i + 2 * LANE] = centre + spread * ((c >> 40) * 0x1p-23f);
      values[i + 3 * LANE] = centre + spread * ((d >> 40) * 0x1p-23f);
    }
  }

  private static long[][] powers() {
    long[][] powers = new long[Integer.SIZE - 1][BITS];
    for (int bit = 0; bit < BITS; bit++) {
      powers[0][bit] = next(1L << bit);
    }
    for (int power = 1; power < powers.length; power++) {
      for (int bit = 0; bit < BITS; bit++) {
        powers[power][bit] = times(powers[power - 1], powers[power - 1][bit]);
      }
    }
    return powers;
  }

  private static long times(long[] columns, long vector) {
    long product = 0;
    for (long rest = vector; rest != 0; rest &= rest - 1) {
      product ^= columns[Long.numberOfTrailingZeros(rest)];
    }
    return product;
  }
}
