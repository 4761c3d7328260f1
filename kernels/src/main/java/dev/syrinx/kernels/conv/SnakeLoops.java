package dev.syrinx.kernels.conv;

import static dev.syrinx.kernels.Memory.ALL;
import static dev.syrinx.kernels.Memory.get;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.spread;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import jdk.incubator.vector.FloatVector;

/**
 * The three passes of {@link SnakeVector}, over whole vectors. Where rows are multiples of a vector, loops go down the columns; else along
 * the flat rows, and the buffers have room for one vector more. Strides in bytes. The filters use the Vector API directly: see
 * {@link dev.syrinx.kernels.Memory}.
 */
final class SnakeLoops {
  private static final long VECTOR = LANES * 4L;
  private static final FloatVector ROUND = FloatVector.broadcast(F, 0x1.8p23f);
  private static final FloatVector ONE_OVER_PI = FloatVector.broadcast(F, 0.31830987f);
  private static final FloatVector MINUS_PI_HIGH = FloatVector.broadcast(F, -3.1415927f);

  /** Float π − π. */
  private static final FloatVector MINUS_PI_LOW = FloatVector.broadcast(F, 8.74227800e-8f);

  private static final FloatVector SIN_3 = FloatVector.broadcast(F, -0.16666657f);
  private static final FloatVector SIN_5 = FloatVector.broadcast(F, 0.008333017f);
  private static final FloatVector SIN_7 = FloatVector.broadcast(F, -1.9806615e-4f);
  private static final FloatVector SIN_9 = FloatVector.broadcast(F, 2.6000548e-6f);

  private SnakeLoops() {}

  /**
   * Twice the rate: even samples are the odd taps over rows i + 5 to i, odd samples the even taps over rows i + 6 to i + 1, times 2.
   *
   * @param tap bytes between the rows of x that the taps read
   * @param columns vectors that lie side by side
   * @param count vectors below each, {@code xStep} apart in x and {@code step} in the planes
   */
  static void up(long x, long tap, int columns, int count, long xStep, long step, long filter, long even, long odd) {
    FloatVector f0 = FloatVector.broadcast(F, 2 * get(filter));
    FloatVector f1 = FloatVector.broadcast(F, 2 * get(filter + 4));
    FloatVector f2 = FloatVector.broadcast(F, 2 * get(filter + 8));
    FloatVector f3 = FloatVector.broadcast(F, 2 * get(filter + 12));
    FloatVector f4 = FloatVector.broadcast(F, 2 * get(filter + 16));
    FloatVector f5 = FloatVector.broadcast(F, 2 * get(filter + 20));
    FloatVector f6 = FloatVector.broadcast(F, 2 * get(filter + 24));
    FloatVector f7 = FloatVector.broadcast(F, 2 * get(filter + 28));
    FloatVector f8 = FloatVector.broadcast(F, 2 * get(filter + 32));
    FloatVector f9 = FloatVector.broadcast(F, 2 * get(filter + 36));
    FloatVector f10 = FloatVector.broadcast(F, 2 * get(filter + 40));
    FloatVector f11 = FloatVector.broadcast(F, 2 * get(filter + 44));
    for (int column = 0; column < columns; column++) {
      long p = x + column * VECTOR;
      long to = column * VECTOR;
      for (int i = 0; i < count; i++) {
        FloatVector x1 = FloatVector.fromMemorySegment(F, ALL, p + tap, LITTLE_ENDIAN);
        FloatVector x2 = FloatVector.fromMemorySegment(F, ALL, p + 2 * tap, LITTLE_ENDIAN);
        FloatVector x3 = FloatVector.fromMemorySegment(F, ALL, p + 3 * tap, LITTLE_ENDIAN);
        FloatVector x4 = FloatVector.fromMemorySegment(F, ALL, p + 4 * tap, LITTLE_ENDIAN);
        FloatVector x5 = FloatVector.fromMemorySegment(F, ALL, p + 5 * tap, LITTLE_ENDIAN);
        FloatVector e = f11.fma(FloatVector.fromMemorySegment(F, ALL, p, LITTLE_ENDIAN), f5.mul(x3));
        FloatVector g = f9.fma(x1, f3.mul(x4));
        e = f7.fma(x2, e);
        g = f1.fma(x5, g);
        e.add(g).intoMemorySegment(ALL, even + to, LITTLE_ENDIAN);
        FloatVector o = f10.fma(x1, f4.mul(x4));
        FloatVector h = f8.fma(x2, f2.mul(x5));
        o = f6.fma(x3, o);
        h = f0.fma(FloatVector.fromMemorySegment(F, ALL, p + 6 * tap, LITTLE_ENDIAN), h);
        o.add(h).intoMemorySegment(ALL, odd + to, LITTLE_ENDIAN);
        p += xStep;
        to += step;
      }
    }
  }

  /**
   * v + sin²(v · frequency) · reciprocal in place. The argument is reduced to ±π/2 by multiples of π, whose sign the square loses, so that
   * one odd polynomial does (a minimax fit made for this file, error 5e-9); exact to 2e-7 for arguments up to 10⁵.
   *
   * @param factors frequencies, repeated to whole vectors; reciprocals lie 64 vectors of 16 behind
   */
  static void activate(long plane, long bytes, long factors, int columns) {
    long period = columns % LANES == 0 ? columns * 4L : columns * VECTOR;
    long phase = 0;
    for (long c = 0; c < bytes; c += VECTOR) {
      FloatVector v = load(plane + c);
      FloatVector z = v.mul(load(factors + phase));
      FloatVector n = z.fma(ONE_OVER_PI, ROUND).sub(ROUND);
      FloatVector r = n.fma(MINUS_PI_LOW, n.fma(MINUS_PI_HIGH, z));
      FloatVector s = r.mul(r);
      FloatVector sine = SIN_9.fma(s, SIN_7).fma(s, SIN_5).fma(s, SIN_3).mul(s).fma(r, r);
      store(sine.mul(sine).fma(load(factors + phase + 64L * 16 * 4), v), plane + c);
      phase += VECTOR;
      phase = phase == period ? 0 : phase;
    }
  }

  /**
   * Back to the rate: the odd taps over even samples of rows i + 1 to i + 6, the even taps over odd samples of rows i to i + 5.
   *
   * @param tap bytes between the rows of the planes that the taps read
   * @param columns vectors that lie side by side
   * @param count vectors below each, {@code step} apart in the planes and {@code yStep} in y
   */
  static void down(long even, long odd, long tap, int columns, int count, long step, long yStep, long filter, long y) {
    FloatVector f0 = spread(filter);
    FloatVector f1 = spread(filter + 4);
    FloatVector f2 = spread(filter + 8);
    FloatVector f3 = spread(filter + 12);
    FloatVector f4 = spread(filter + 16);
    FloatVector f5 = spread(filter + 20);
    FloatVector f6 = spread(filter + 24);
    FloatVector f7 = spread(filter + 28);
    FloatVector f8 = spread(filter + 32);
    FloatVector f9 = spread(filter + 36);
    FloatVector f10 = spread(filter + 40);
    FloatVector f11 = spread(filter + 44);
    for (int column = 0; column < columns; column++) {
      long p = even + column * VECTOR;
      long q = odd + column * VECTOR;
      long to = y + column * VECTOR;
      for (int i = 0; i < count; i++) {
        FloatVector a = f0.mul(FloatVector.fromMemorySegment(F, ALL, q, LITTLE_ENDIAN));
        FloatVector b = f1.mul(FloatVector.fromMemorySegment(F, ALL, p + tap, LITTLE_ENDIAN));
        a = f2.fma(FloatVector.fromMemorySegment(F, ALL, q + tap, LITTLE_ENDIAN), a);
        b = f3.fma(FloatVector.fromMemorySegment(F, ALL, p + 2 * tap, LITTLE_ENDIAN), b);
        a = f4.fma(FloatVector.fromMemorySegment(F, ALL, q + 2 * tap, LITTLE_ENDIAN), a);
        b = f5.fma(FloatVector.fromMemorySegment(F, ALL, p + 3 * tap, LITTLE_ENDIAN), b);
        a = f6.fma(FloatVector.fromMemorySegment(F, ALL, q + 3 * tap, LITTLE_ENDIAN), a);
        b = f7.fma(FloatVector.fromMemorySegment(F, ALL, p + 4 * tap, LITTLE_ENDIAN), b);
        a = f8.fma(FloatVector.fromMemorySegment(F, ALL, q + 4 * tap, LITTLE_ENDIAN), a);
        b = f9.fma(FloatVector.fromMemorySegment(F, ALL, p + 5 * tap, LITTLE_ENDIAN), b);
        a = f10.fma(FloatVector.fromMemorySegment(F, ALL, q + 5 * tap, LITTLE_ENDIAN), a);
        b = f11.fma(FloatVector.fromMemorySegment(F, ALL, p + 6 * tap, LITTLE_ENDIAN), b);
        a.add(b).intoMemorySegment(ALL, to, LITTLE_ENDIAN);
        p += step;
        q += step;
        to += yStep;
      }
    }
  }
}
