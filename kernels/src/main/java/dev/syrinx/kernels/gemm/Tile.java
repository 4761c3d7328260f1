package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Memory.ALL;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import jdk.incubator.vector.FloatVector;

/**
 * Register tiles: five rows of x against four, two or one vectors of a panel. 20 accumulators, 4 weights and 5 spread inputs fit
 * the 32 registers of a 512-bit machine; narrower machines have 16 registers and take two vectors.
 *
 * <p>Written out on purpose, which makes the methods long: accumulators in arrays, or passed to a helper that is not inlined, would be
 * allocated at every turn (see {@link dev.syrinx.kernels.Memory}). Not longer either: a sixth row is 3 % faster once compiled (178 against
 * 173 GFLOP/s, one core), but C1 then gives up ("out of virtual registers") and HotSpot, which wants C1's profile first, may never hand the
 * method to C2. x0, w0, sums and s are addresses, strides are in bytes.
 */
final class Tile {
  /** Rows of a tile. */
  static final int ROWS = 5;

  private static final long STRIDE = Panels.WIDTH * 4L;
  private static final long VECTOR = LANES * 4L;

  private Tile() {}

  /** Adds all tiles of one block of rows and one run of a panel to {@code sums} [count rounded up to {@link #ROWS}][WIDTH]. */
  static void block(long x0, long xRow, long xTap, int taps, int depth, long w0, int width, long sums, int count) {
    for (int row = 0; row < count; row += ROWS) {
      int last = Math.min(ROWS, count - row) - 1;
      long xr = x0 + row * xRow;
      int column = 0;
      while (column < width) {
        long s = sums + row * STRIDE + column * 4L;
        long w = w0 + column * 4L;
        if (LANES == 16 && width - column >= 4 * LANES) {
          four(xr, xRow, last, xTap, taps, depth, w, width * 4L, s);
          column += 4 * LANES;
        } else if (width - column >= 2 * LANES) {
          two(xr, xRow, last, xTap, taps, depth, w, width * 4L, s);
          column += 2 * LANES;
        } else {
          one(xr, xRow, last, xTap, taps, depth, w, width * 4L, s);
          column += LANES;
        }
      }
    }
  }

  /**
   * Five rows by 4 vectors. Rows behind {@code last} repeat it: their sums are stored, into room that the block keeps for them, and never
   * read.
   */
  private static void four(long x0, long xRow, int last, long xTap, int taps, int depth, long w0, long wRow, long s) {
    long o1 = Math.min(1, last) * xRow;
    long o2 = Math.min(2, last) * xRow;
    long o3 = Math.min(3, last) * xRow;
    long o4 = Math.min(4, last) * xRow;
    FloatVector a00 = FloatVector.fromMemorySegment(F, ALL, s, LITTLE_ENDIAN);
    FloatVector a01 = FloatVector.fromMemorySegment(F, ALL, s + 1 * VECTOR, LITTLE_ENDIAN);
    FloatVector a02 = FloatVector.fromMemorySegment(F, ALL, s + 2 * VECTOR, LITTLE_ENDIAN);
    FloatVector a03 = FloatVector.fromMemorySegment(F, ALL, s + 3 * VECTOR, LITTLE_ENDIAN);
    FloatVector a10 = FloatVector.fromMemorySegment(F, ALL, s + 1 * STRIDE, LITTLE_ENDIAN);
    FloatVector a11 = FloatVector.fromMemorySegment(F, ALL, s + 1 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    FloatVector a12 = FloatVector.fromMemorySegment(F, ALL, s + 1 * STRIDE + 2 * VECTOR, LITTLE_ENDIAN);
    FloatVector a13 = FloatVector.fromMemorySegment(F, ALL, s + 1 * STRIDE + 3 * VECTOR, LITTLE_ENDIAN);
    FloatVector a20 = FloatVector.fromMemorySegment(F, ALL, s + 2 * STRIDE, LITTLE_ENDIAN);
    FloatVector a21 = FloatVector.fromMemorySegment(F, ALL, s + 2 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    FloatVector a22 = FloatVector.fromMemorySegment(F, ALL, s + 2 * STRIDE + 2 * VECTOR, LITTLE_ENDIAN);
    FloatVector a23 = FloatVector.fromMemorySegment(F, ALL, s + 2 * STRIDE + 3 * VECTOR, LITTLE_ENDIAN);
    FloatVector a30 = FloatVector.fromMemorySegment(F, ALL, s + 3 * STRIDE, LITTLE_ENDIAN);
    FloatVector a31 = FloatVector.fromMemorySegment(F, ALL, s + 3 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    FloatVector a32 = FloatVector.fromMemorySegment(F, ALL, s + 3 * STRIDE + 2 * VECTOR, LITTLE_ENDIAN);
    FloatVector a33 = FloatVector.fromMemorySegment(F, ALL, s + 3 * STRIDE + 3 * VECTOR, LITTLE_ENDIAN);
    FloatVector a40 = FloatVector.fromMemorySegment(F, ALL, s + 4 * STRIDE, LITTLE_ENDIAN);
    FloatVector a41 = FloatVector.fromMemorySegment(F, ALL, s + 4 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    FloatVector a42 = FloatVector.fromMemorySegment(F, ALL, s + 4 * STRIDE + 2 * VECTOR, LITTLE_ENDIAN);
    FloatVector a43 = FloatVector.fromMemorySegment(F, ALL, s + 4 * STRIDE + 3 * VECTOR, LITTLE_ENDIAN);
    long wk = w0;
    long xk = x0;
    int edge = depth;
    for (int k = 0; k < taps * depth; k++) {
      if (k == edge) { // next tap
        edge += depth;
        xk += xTap - 4L * depth;
      }
      FloatVector v0 = FloatVector.fromMemorySegment(F, ALL, wk, LITTLE_ENDIAN);
      FloatVector v1 = FloatVector.fromMemorySegment(F, ALL, wk + 1 * VECTOR, LITTLE_ENDIAN);
      FloatVector v2 = FloatVector.fromMemorySegment(F, ALL, wk + 2 * VECTOR, LITTLE_ENDIAN);
      FloatVector v3 = FloatVector.fromMemorySegment(F, ALL, wk + 3 * VECTOR, LITTLE_ENDIAN);
      FloatVector b0 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk));
      a00 = b0.fma(v0, a00);
      a01 = b0.fma(v1, a01);
      a02 = b0.fma(v2, a02);
      a03 = b0.fma(v3, a03);
      FloatVector b1 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk + o1));
      a10 = b1.fma(v0, a10);
      a11 = b1.fma(v1, a11);
      a12 = b1.fma(v2, a12);
      a13 = b1.fma(v3, a13);
      FloatVector b2 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk + o2));
      a20 = b2.fma(v0, a20);
      a21 = b2.fma(v1, a21);
      a22 = b2.fma(v2, a22);
      a23 = b2.fma(v3, a23);
      FloatVector b3 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk + o3));
      a30 = b3.fma(v0, a30);
      a31 = b3.fma(v1, a31);
      a32 = b3.fma(v2, a32);
      a33 = b3.fma(v3, a33);
      FloatVector b4 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk + o4));
      a40 = b4.fma(v0, a40);
      a41 = b4.fma(v1, a41);
      a42 = b4.fma(v2, a42);
      a43 = b4.fma(v3, a43);
      wk += wRow;
      xk += 4;
    }
    a00.intoMemorySegment(ALL, s, LITTLE_ENDIAN);
    a01.intoMemorySegment(ALL, s + 1 * VECTOR, LITTLE_ENDIAN);
    a02.intoMemorySegment(ALL, s + 2 * VECTOR, LITTLE_ENDIAN);
    a03.intoMemorySegment(ALL, s + 3 * VECTOR, LITTLE_ENDIAN);
    a10.intoMemorySegment(ALL, s + 1 * STRIDE, LITTLE_ENDIAN);
    a11.intoMemorySegment(ALL, s + 1 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    a12.intoMemorySegment(ALL, s + 1 * STRIDE + 2 * VECTOR, LITTLE_ENDIAN);
    a13.intoMemorySegment(ALL, s + 1 * STRIDE + 3 * VECTOR, LITTLE_ENDIAN);
    a20.intoMemorySegment(ALL, s + 2 * STRIDE, LITTLE_ENDIAN);
    a21.intoMemorySegment(ALL, s + 2 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    a22.intoMemorySegment(ALL, s + 2 * STRIDE + 2 * VECTOR, LITTLE_ENDIAN);
    a23.intoMemorySegment(ALL, s + 2 * STRIDE + 3 * VECTOR, LITTLE_ENDIAN);
    a30.intoMemorySegment(ALL, s + 3 * STRIDE, LITTLE_ENDIAN);
    a31.intoMemorySegment(ALL, s + 3 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    a32.intoMemorySegment(ALL, s + 3 * STRIDE + 2 * VECTOR, LITTLE_ENDIAN);
    a33.intoMemorySegment(ALL, s + 3 * STRIDE + 3 * VECTOR, LITTLE_ENDIAN);
    a40.intoMemorySegment(ALL, s + 4 * STRIDE, LITTLE_ENDIAN);
    a41.intoMemorySegment(ALL, s + 4 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    a42.intoMemorySegment(ALL, s + 4 * STRIDE + 2 * VECTOR, LITTLE_ENDIAN);
    a43.intoMemorySegment(ALL, s + 4 * STRIDE + 3 * VECTOR, LITTLE_ENDIAN);
  }

  /**
   * Five rows by 2 vectors. Rows behind {@code last} repeat it: their sums are stored, into room that the block keeps for them, and never
   * read.
   */
  private static void two(long x0, long xRow, int last, long xTap, int taps, int depth, long w0, long wRow, long s) {
    long o1 = Math.min(1, last) * xRow;
    long o2 = Math.min(2, last) * xRow;
    long o3 = Math.min(3, last) * xRow;
    long o4 = Math.min(4, last) * xRow;
    FloatVector a00 = FloatVector.fromMemorySegment(F, ALL, s, LITTLE_ENDIAN);
    FloatVector a01 = FloatVector.fromMemorySegment(F, ALL, s + 1 * VECTOR, LITTLE_ENDIAN);
    FloatVector a10 = FloatVector.fromMemorySegment(F, ALL, s + 1 * STRIDE, LITTLE_ENDIAN);
    FloatVector a11 = FloatVector.fromMemorySegment(F, ALL, s + 1 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    FloatVector a20 = FloatVector.fromMemorySegment(F, ALL, s + 2 * STRIDE, LITTLE_ENDIAN);
    FloatVector a21 = FloatVector.fromMemorySegment(F, ALL, s + 2 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    FloatVector a30 = FloatVector.fromMemorySegment(F, ALL, s + 3 * STRIDE, LITTLE_ENDIAN);
    FloatVector a31 = FloatVector.fromMemorySegment(F, ALL, s + 3 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    FloatVector a40 = FloatVector.fromMemorySegment(F, ALL, s + 4 * STRIDE, LITTLE_ENDIAN);
    FloatVector a41 = FloatVector.fromMemorySegment(F, ALL, s + 4 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    long wk = w0;
    long xk = x0;
    int edge = depth;
    for (int k = 0; k < taps * depth; k++) {
      if (k == edge) { // next tap
        edge += depth;
        xk += xTap - 4L * depth;
      }
      FloatVector v0 = FloatVector.fromMemorySegment(F, ALL, wk, LITTLE_ENDIAN);
      FloatVector v1 = FloatVector.fromMemorySegment(F, ALL, wk + 1 * VECTOR, LITTLE_ENDIAN);
      FloatVector b0 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk));
      a00 = b0.fma(v0, a00);
      a01 = b0.fma(v1, a01);
      FloatVector b1 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk + o1));
      a10 = b1.fma(v0, a10);
      a11 = b1.fma(v1, a11);
      FloatVector b2 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk + o2));
      a20 = b2.fma(v0, a20);
      a21 = b2.fma(v1, a21);
      FloatVector b3 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk + o3));
      a30 = b3.fma(v0, a30);
      a31 = b3.fma(v1, a31);
      FloatVector b4 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk + o4));
      a40 = b4.fma(v0, a40);
      a41 = b4.fma(v1, a41);
      wk += wRow;
      xk += 4;
    }
    a00.intoMemorySegment(ALL, s, LITTLE_ENDIAN);
    a01.intoMemorySegment(ALL, s + 1 * VECTOR, LITTLE_ENDIAN);
    a10.intoMemorySegment(ALL, s + 1 * STRIDE, LITTLE_ENDIAN);
    a11.intoMemorySegment(ALL, s + 1 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    a20.intoMemorySegment(ALL, s + 2 * STRIDE, LITTLE_ENDIAN);
    a21.intoMemorySegment(ALL, s + 2 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    a30.intoMemorySegment(ALL, s + 3 * STRIDE, LITTLE_ENDIAN);
    a31.intoMemorySegment(ALL, s + 3 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
    a40.intoMemorySegment(ALL, s + 4 * STRIDE, LITTLE_ENDIAN);
    a41.intoMemorySegment(ALL, s + 4 * STRIDE + 1 * VECTOR, LITTLE_ENDIAN);
  }

  /**
   * Five rows by 1 vector. Rows behind {@code last} repeat it: their sums are stored, into room that the block keeps for them, and never
   * read.
   */
  private static void one(long x0, long xRow, int last, long xTap, int taps, int depth, long w0, long wRow, long s) {
    long o1 = Math.min(1, last) * xRow;
    long o2 = Math.min(2, last) * xRow;
    long o3 = Math.min(3, last) * xRow;
    long o4 = Math.min(4, last) * xRow;
    FloatVector a00 = FloatVector.fromMemorySegment(F, ALL, s, LITTLE_ENDIAN);
    FloatVector a10 = FloatVector.fromMemorySegment(F, ALL, s + 1 * STRIDE, LITTLE_ENDIAN);
    FloatVector a20 = FloatVector.fromMemorySegment(F, ALL, s + 2 * STRIDE, LITTLE_ENDIAN);
    FloatVector a30 = FloatVector.fromMemorySegment(F, ALL, s + 3 * STRIDE, LITTLE_ENDIAN);
    FloatVector a40 = FloatVector.fromMemorySegment(F, ALL, s + 4 * STRIDE, LITTLE_ENDIAN);
    long wk = w0;
    long xk = x0;
    int edge = depth;
    for (int k = 0; k < taps * depth; k++) {
      if (k == edge) { // next tap
        edge += depth;
        xk += xTap - 4L * depth;
      }
      FloatVector v0 = FloatVector.fromMemorySegment(F, ALL, wk, LITTLE_ENDIAN);
      FloatVector b0 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk));
      a00 = b0.fma(v0, a00);
      FloatVector b1 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk + o1));
      a10 = b1.fma(v0, a10);
      FloatVector b2 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk + o2));
      a20 = b2.fma(v0, a20);
      FloatVector b3 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk + o3));
      a30 = b3.fma(v0, a30);
      FloatVector b4 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, xk + o4));
      a40 = b4.fma(v0, a40);
      wk += wRow;
      xk += 4;
    }
    a00.intoMemorySegment(ALL, s, LITTLE_ENDIAN);
    a10.intoMemorySegment(ALL, s + 1 * STRIDE, LITTLE_ENDIAN);
    a20.intoMemorySegment(ALL, s + 2 * STRIDE, LITTLE_ENDIAN);
    a30.intoMemorySegment(ALL, s + 3 * STRIDE, LITTLE_ENDIAN);
    a40.intoMemorySegment(ALL, s + 4 * STRIDE, LITTLE_ENDIAN);
  }
}
