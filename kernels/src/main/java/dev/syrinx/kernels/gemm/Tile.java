package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Register tiles: six rows of x against four, two or one vectors of a panel. 24 accumulators fill the 32 registers of a 512-bit machine; narrower machines
 * have 16 registers and take two vectors.
 *
 * <p>Accumulators are named locals on purpose: in arrays or fields the vectors would be allocated. All offsets are in bytes.
 */
final class Tile {
  private static final int ROWS = 6;
  private static final int STRIDE = Panels.WIDTH * 4;

  private Tile() {}

  /** All tiles of one block of rows and one run of a panel; {@code sums} is [count][WIDTH] and is overwritten when {@code first}, else added to. */
  static void block(
      MemorySegment x, long x0, long xRow, long xTap, int taps, int depth, MemorySegment w, long w0, int width, MemorySegment sums, int count, boolean first) {
    for (int row = 0; row < count; row += ROWS) {
      int last = Math.min(ROWS, count - row) - 1;
      long xr = x0 + row * xRow;
      int column = 0;
      while (column < width) {
        long s = ((long) row * Panels.WIDTH + column) * 4;
        if (LANES == 16 && width - column >= 64) {
          four(x, xr, xRow, last, xTap, taps, depth, w, w0 + column * 4L, width * 4L, sums, s, first);
          column += 4 * LANES;
        } else if (width - column >= 2 * LANES) {
          two(x, xr, xRow, last, xTap, taps, depth, w, w0 + column * 4L, width * 4L, sums, s, first);
          column += 2 * LANES;
        } else {
          one(x, xr, xRow, last, xTap, taps, depth, w, w0 + column * 4L, width * 4L, sums, s, first);
          column += LANES;
        }
      }
    }
  }

  private static FloatVector load(MemorySegment m, long offset) {
    return FloatVector.fromMemorySegment(F, m, offset, LITTLE_ENDIAN);
  }

  private static FloatVector spread(MemorySegment m, long offset) {
    return FloatVector.broadcast(F, m.get(JAVA_FLOAT_UNALIGNED, offset));
  }

  private static void store(FloatVector v, MemorySegment sums, long offset, boolean first) {
    (first ? v : v.add(load(sums, offset))).intoMemorySegment(sums, offset, LITTLE_ENDIAN);
  }

  /** Six rows by 4 vectors. Rows behind {@code last} repeat it; their sums are not stored. */
  private static void four(
      MemorySegment x, long x0, long xRow, int last, long xTap, int taps, int depth, MemorySegment w, long w0, long wRow, MemorySegment sums, long s, boolean first) {
    long o1 = Math.min(1, last) * xRow;
    long o2 = Math.min(2, last) * xRow;
    long o3 = Math.min(3, last) * xRow;
    long o4 = Math.min(4, last) * xRow;
    long o5 = Math.min(5, last) * xRow;
    FloatVector a00 = FloatVector.zero(F), a01 = FloatVector.zero(F), a02 = FloatVector.zero(F), a03 = FloatVector.zero(F);
    FloatVector a10 = FloatVector.zero(F), a11 = FloatVector.zero(F), a12 = FloatVector.zero(F), a13 = FloatVector.zero(F);
    FloatVector a20 = FloatVector.zero(F), a21 = FloatVector.zero(F), a22 = FloatVector.zero(F), a23 = FloatVector.zero(F);
    FloatVector a30 = FloatVector.zero(F), a31 = FloatVector.zero(F), a32 = FloatVector.zero(F), a33 = FloatVector.zero(F);
    FloatVector a40 = FloatVector.zero(F), a41 = FloatVector.zero(F), a42 = FloatVector.zero(F), a43 = FloatVector.zero(F);
    FloatVector a50 = FloatVector.zero(F), a51 = FloatVector.zero(F), a52 = FloatVector.zero(F), a53 = FloatVector.zero(F);
    long wk = w0;
    for (int tap = 0; tap < taps; tap++) {
      long xk = x0 + tap * xTap;
      for (int k = 0; k < depth; k++) {
        FloatVector v0 = load(w, wk);
        FloatVector v1 = load(w, wk + 1L * LANES * 4);
        FloatVector v2 = load(w, wk + 2L * LANES * 4);
        FloatVector v3 = load(w, wk + 3L * LANES * 4);
        FloatVector b0 = spread(x, xk);
        a00 = b0.fma(v0, a00);
        a01 = b0.fma(v1, a01);
        a02 = b0.fma(v2, a02);
        a03 = b0.fma(v3, a03);
        FloatVector b1 = spread(x, xk + o1);
        a10 = b1.fma(v0, a10);
        a11 = b1.fma(v1, a11);
        a12 = b1.fma(v2, a12);
        a13 = b1.fma(v3, a13);
        FloatVector b2 = spread(x, xk + o2);
        a20 = b2.fma(v0, a20);
        a21 = b2.fma(v1, a21);
        a22 = b2.fma(v2, a22);
        a23 = b2.fma(v3, a23);
        FloatVector b3 = spread(x, xk + o3);
        a30 = b3.fma(v0, a30);
        a31 = b3.fma(v1, a31);
        a32 = b3.fma(v2, a32);
        a33 = b3.fma(v3, a33);
        FloatVector b4 = spread(x, xk + o4);
        a40 = b4.fma(v0, a40);
        a41 = b4.fma(v1, a41);
        a42 = b4.fma(v2, a42);
        a43 = b4.fma(v3, a43);
        FloatVector b5 = spread(x, xk + o5);
        a50 = b5.fma(v0, a50);
        a51 = b5.fma(v1, a51);
        a52 = b5.fma(v2, a52);
        a53 = b5.fma(v3, a53);
        wk += wRow;
        xk += 4;
      }
    }
    store(a00, sums, s, first);
    store(a01, sums, s + 1L * LANES * 4, first);
    store(a02, sums, s + 2L * LANES * 4, first);
    store(a03, sums, s + 3L * LANES * 4, first);
    if (last >= 1) {
      store(a10, sums, s + 1L * STRIDE, first);
      store(a11, sums, s + 1L * STRIDE + 1L * LANES * 4, first);
      store(a12, sums, s + 1L * STRIDE + 2L * LANES * 4, first);
      store(a13, sums, s + 1L * STRIDE + 3L * LANES * 4, first);
    }
    if (last >= 2) {
      store(a20, sums, s + 2L * STRIDE, first);
      store(a21, sums, s + 2L * STRIDE + 1L * LANES * 4, first);
      store(a22, sums, s + 2L * STRIDE + 2L * LANES * 4, first);
      store(a23, sums, s + 2L * STRIDE + 3L * LANES * 4, first);
    }
    if (last >= 3) {
      store(a30, sums, s + 3L * STRIDE, first);
      store(a31, sums, s + 3L * STRIDE + 1L * LANES * 4, first);
      store(a32, sums, s + 3L * STRIDE + 2L * LANES * 4, first);
      store(a33, sums, s + 3L * STRIDE + 3L * LANES * 4, first);
    }
    if (last >= 4) {
      store(a40, sums, s + 4L * STRIDE, first);
      store(a41, sums, s + 4L * STRIDE + 1L * LANES * 4, first);
      store(a42, sums, s + 4L * STRIDE + 2L * LANES * 4, first);
      store(a43, sums, s + 4L * STRIDE + 3L * LANES * 4, first);
    }
    if (last >= 5) {
      store(a50, sums, s + 5L * STRIDE, first);
      store(a51, sums, s + 5L * STRIDE + 1L * LANES * 4, first);
      store(a52, sums, s + 5L * STRIDE + 2L * LANES * 4, first);
      store(a53, sums, s + 5L * STRIDE + 3L * LANES * 4, first);
    }
  }

  /** Six rows by 2 vectors. Rows behind {@code last} repeat it; their sums are not stored. */
  private static void two(
      MemorySegment x, long x0, long xRow, int last, long xTap, int taps, int depth, MemorySegment w, long w0, long wRow, MemorySegment sums, long s, boolean first) {
    long o1 = Math.min(1, last) * xRow;
    long o2 = Math.min(2, last) * xRow;
    long o3 = Math.min(3, last) * xRow;
    long o4 = Math.min(4, last) * xRow;
    long o5 = Math.min(5, last) * xRow;
    FloatVector a00 = FloatVector.zero(F), a01 = FloatVector.zero(F);
    FloatVector a10 = FloatVector.zero(F), a11 = FloatVector.zero(F);
    FloatVector a20 = FloatVector.zero(F), a21 = FloatVector.zero(F);
    FloatVector a30 = FloatVector.zero(F), a31 = FloatVector.zero(F);
    FloatVector a40 = FloatVector.zero(F), a41 = FloatVector.zero(F);
    FloatVector a50 = FloatVector.zero(F), a51 = FloatVector.zero(F);
    long wk = w0;
    for (int tap = 0; tap < taps; tap++) {
      long xk = x0 + tap * xTap;
      for (int k = 0; k < depth; k++) {
        FloatVector v0 = load(w, wk);
        FloatVector v1 = load(w, wk + 1L * LANES * 4);
        FloatVector b0 = spread(x, xk);
        a00 = b0.fma(v0, a00);
        a01 = b0.fma(v1, a01);
        FloatVector b1 = spread(x, xk + o1);
        a10 = b1.fma(v0, a10);
        a11 = b1.fma(v1, a11);
        FloatVector b2 = spread(x, xk + o2);
        a20 = b2.fma(v0, a20);
        a21 = b2.fma(v1, a21);
        FloatVector b3 = spread(x, xk + o3);
        a30 = b3.fma(v0, a30);
        a31 = b3.fma(v1, a31);
        FloatVector b4 = spread(x, xk + o4);
        a40 = b4.fma(v0, a40);
        a41 = b4.fma(v1, a41);
        FloatVector b5 = spread(x, xk + o5);
        a50 = b5.fma(v0, a50);
        a51 = b5.fma(v1, a51);
        wk += wRow;
        xk += 4;
      }
    }
    store(a00, sums, s, first);
    store(a01, sums, s + 1L * LANES * 4, first);
    if (last >= 1) {
      store(a10, sums, s + 1L * STRIDE, first);
      store(a11, sums, s + 1L * STRIDE + 1L * LANES * 4, first);
    }
    if (last >= 2) {
      store(a20, sums, s + 2L * STRIDE, first);
      store(a21, sums, s + 2L * STRIDE + 1L * LANES * 4, first);
    }
    if (last >= 3) {
      store(a30, sums, s + 3L * STRIDE, first);
      store(a31, sums, s + 3L * STRIDE + 1L * LANES * 4, first);
    }
    if (last >= 4) {
      store(a40, sums, s + 4L * STRIDE, first);
      store(a41, sums, s + 4L * STRIDE + 1L * LANES * 4, first);
    }
    if (last >= 5) {
      store(a50, sums, s + 5L * STRIDE, first);
      store(a51, sums, s + 5L * STRIDE + 1L * LANES * 4, first);
    }
  }

  /** Six rows by 1 vector. Rows behind {@code last} repeat it; their sums are not stored. */
  private static void one(
      MemorySegment x, long x0, long xRow, int last, long xTap, int taps, int depth, MemorySegment w, long w0, long wRow, MemorySegment sums, long s, boolean first) {
    long o1 = Math.min(1, last) * xRow;
    long o2 = Math.min(2, last) * xRow;
    long o3 = Math.min(3, last) * xRow;
    long o4 = Math.min(4, last) * xRow;
    long o5 = Math.min(5, last) * xRow;
    FloatVector a00 = FloatVector.zero(F);
    FloatVector a10 = FloatVector.zero(F);
    FloatVector a20 = FloatVector.zero(F);
    FloatVector a30 = FloatVector.zero(F);
    FloatVector a40 = FloatVector.zero(F);
    FloatVector a50 = FloatVector.zero(F);
    long wk = w0;
    for (int tap = 0; tap < taps; tap++) {
      long xk = x0 + tap * xTap;
      for (int k = 0; k < depth; k++) {
        FloatVector v0 = load(w, wk);
        FloatVector b0 = spread(x, xk);
        a00 = b0.fma(v0, a00);
        FloatVector b1 = spread(x, xk + o1);
        a10 = b1.fma(v0, a10);
        FloatVector b2 = spread(x, xk + o2);
        a20 = b2.fma(v0, a20);
        FloatVector b3 = spread(x, xk + o3);
        a30 = b3.fma(v0, a30);
        FloatVector b4 = spread(x, xk + o4);
        a40 = b4.fma(v0, a40);
        FloatVector b5 = spread(x, xk + o5);
        a50 = b5.fma(v0, a50);
        wk += wRow;
        xk += 4;
      }
    }
    store(a00, sums, s, first);
    if (last >= 1) {
      store(a10, sums, s + 1L * STRIDE, first);
    }
    if (last >= 2) {
      store(a20, sums, s + 2L * STRIDE, first);
    }
    if (last >= 3) {
      store(a30, sums, s + 3L * STRIDE, first);
    }
    if (last >= 4) {
      store(a40, sums, s + 4L * STRIDE, first);
    }
    if (last >= 5) {
      store(a50, sums, s + 5L * STRIDE, first);
    }
  }
}
