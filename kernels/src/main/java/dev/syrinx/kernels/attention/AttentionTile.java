package dev.syrinx.kernels.attention;

import static dev.syrinx.kernels.Memory.ALL;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import jdk.incubator.vector.FloatVector;

/**
 * The products of attention: out = x · w, where w [depth][64] is a packed block in the first-level cache and out is [rows][64].
 *
 * <p>Four rows by four vectors, not the six by four of the matrix product: the cache feeds it as well, and with half the code neither
 * compiler gives up (C1 runs out of virtual registers on the larger tile, and a method that C1 cannot profile may never reach C2).
 * Accumulators are named locals: in arrays the vectors would be allocated. Addresses and strides are in bytes.
 */
final class AttentionTile {
  /** Rows of a tile; out has room for whole tiles. */
  static final int ROWS = 4;

  private static final long ROW = AttentionVector.ROW;
  private static final long VECTOR = LANES * 4L;

  private AttentionTile() {}

  /**
   * out[count][64] = x[count][depth] · w[depth][64]; rows of x are {@code xRow} bytes apart. Rows of out behind count, up to a whole tile,
   * are overwritten too.
   */
  static void multiply(long x, long xRow, int count, int depth, long w, long out) {
    for (int row = 0; row < count; row += ROWS) {
      int last = Math.min(ROWS, count - row) - 1;
      for (long column = 0; column < ROW; column += LANES == 16 ? 4 * VECTOR : 2 * VECTOR) {
        if (LANES == 16) {
          four(x + row * xRow, xRow, last, depth, w + column, out + row * ROW + column);
        } else {
          two(x + row * xRow, xRow, last, depth, w + column, out + row * ROW + column);
        }
      }
    }
  }

  /** Four rows by four vectors, for 32 registers. Rows behind {@code last} repeat it. */
  private static void four(long x, long xRow, int last, int depth, long w, long out) {
    long x1 = Math.min(1, last) * xRow;
    long x2 = Math.min(2, last) * xRow;
    long x3 = Math.min(3, last) * xRow;
    FloatVector zero = FloatVector.zero(F); // no constant field: merged with one in the loop, the accumulators would be allocated
    FloatVector a00 = zero, a01 = zero, a02 = zero, a03 = zero;
    FloatVector a10 = zero, a11 = zero, a12 = zero, a13 = zero;
    FloatVector a20 = zero, a21 = zero, a22 = zero, a23 = zero;
    FloatVector a30 = zero, a31 = zero, a32 = zero, a33 = zero;
    long p = x;
    long q = w;
    for (int k = 0; k < depth; k++) {
      FloatVector w0 = FloatVector.fromMemorySegment(F, ALL, q, LITTLE_ENDIAN);
      FloatVector w1 = FloatVector.fromMemorySegment(F, ALL, q + VECTOR, LITTLE_ENDIAN);
      FloatVector w2 = FloatVector.fromMemorySegment(F, ALL, q + 2 * VECTOR, LITTLE_ENDIAN);
      FloatVector w3 = FloatVector.fromMemorySegment(F, ALL, q + 3 * VECTOR, LITTLE_ENDIAN);
      FloatVector b0 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, p));
      a00 = b0.fma(w0, a00);
      a01 = b0.fma(w1, a01);
      a02 = b0.fma(w2, a02);
      a03 = b0.fma(w3, a03);
      FloatVector b1 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, p + x1));
      a10 = b1.fma(w0, a10);
      a11 = b1.fma(w1, a11);
      a12 = b1.fma(w2, a12);
      a13 = b1.fma(w3, a13);
      FloatVector b2 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, p + x2));
      a20 = b2.fma(w0, a20);
      a21 = b2.fma(w1, a21);
      a22 = b2.fma(w2, a22);
      a23 = b2.fma(w3, a23);
      FloatVector b3 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, p + x3));
      a30 = b3.fma(w0, a30);
      a31 = b3.fma(w1, a31);
      a32 = b3.fma(w2, a32);
      a33 = b3.fma(w3, a33);
      p += 4;
      q += ROW;
    }
    a00.intoMemorySegment(ALL, out, LITTLE_ENDIAN);
    a01.intoMemorySegment(ALL, out + VECTOR, LITTLE_ENDIAN);
    a02.intoMemorySegment(ALL, out + 2 * VECTOR, LITTLE_ENDIAN);
    a03.intoMemorySegment(ALL, out + 3 * VECTOR, LITTLE_ENDIAN);
    a10.intoMemorySegment(ALL, out + ROW, LITTLE_ENDIAN);
    a11.intoMemorySegment(ALL, out + ROW + VECTOR, LITTLE_ENDIAN);
    a12.intoMemorySegment(ALL, out + ROW + 2 * VECTOR, LITTLE_ENDIAN);
    a13.intoMemorySegment(ALL, out + ROW + 3 * VECTOR, LITTLE_ENDIAN);
    a20.intoMemorySegment(ALL, out + 2 * ROW, LITTLE_ENDIAN);
    a21.intoMemorySegment(ALL, out + 2 * ROW + VECTOR, LITTLE_ENDIAN);
    a22.intoMemorySegment(ALL, out + 2 * ROW + 2 * VECTOR, LITTLE_ENDIAN);
    a23.intoMemorySegment(ALL, out + 2 * ROW + 3 * VECTOR, LITTLE_ENDIAN);
    a30.intoMemorySegment(ALL, out + 3 * ROW, LITTLE_ENDIAN);
    a31.intoMemorySegment(ALL, out + 3 * ROW + VECTOR, LITTLE_ENDIAN);
    a32.intoMemorySegment(ALL, out + 3 * ROW + 2 * VECTOR, LITTLE_ENDIAN);
    a33.intoMemorySegment(ALL, out + 3 * ROW + 3 * VECTOR, LITTLE_ENDIAN);
  }

  /** Four rows by two vectors, for 16 registers. */
  private static void two(long x, long xRow, int last, int depth, long w, long out) {
    long x1 = Math.min(1, last) * xRow;
    long x2 = Math.min(2, last) * xRow;
    long x3 = Math.min(3, last) * xRow;
    FloatVector zero = FloatVector.zero(F); // no constant field: merged with one in the loop, the accumulators would be allocated
    FloatVector a00 = zero, a01 = zero;
    FloatVector a10 = zero, a11 = zero;
    FloatVector a20 = zero, a21 = zero;
    FloatVector a30 = zero, a31 = zero;
    long p = x;
    long q = w;
    for (int k = 0; k < depth; k++) {
      FloatVector w0 = FloatVector.fromMemorySegment(F, ALL, q, LITTLE_ENDIAN);
      FloatVector w1 = FloatVector.fromMemorySegment(F, ALL, q + VECTOR, LITTLE_ENDIAN);
      FloatVector b0 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, p));
      a00 = b0.fma(w0, a00);
      a01 = b0.fma(w1, a01);
      FloatVector b1 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, p + x1));
      a10 = b1.fma(w0, a10);
      a11 = b1.fma(w1, a11);
      FloatVector b2 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, p + x2));
      a20 = b2.fma(w0, a20);
      a21 = b2.fma(w1, a21);
      FloatVector b3 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, p + x3));
      a30 = b3.fma(w0, a30);
      a31 = b3.fma(w1, a31);
      p += 4;
      q += ROW;
    }
    a00.intoMemorySegment(ALL, out, LITTLE_ENDIAN);
    a01.intoMemorySegment(ALL, out + VECTOR, LITTLE_ENDIAN);
    a10.intoMemorySegment(ALL, out + ROW, LITTLE_ENDIAN);
    a11.intoMemorySegment(ALL, out + ROW + VECTOR, LITTLE_ENDIAN);
    a20.intoMemorySegment(ALL, out + 2 * ROW, LITTLE_ENDIAN);
    a21.intoMemorySegment(ALL, out + 2 * ROW + VECTOR, LITTLE_ENDIAN);
    a30.intoMemorySegment(ALL, out + 3 * ROW, LITTLE_ENDIAN);
    a31.intoMemorySegment(ALL, out + 3 * ROW + VECTOR, LITTLE_ENDIAN);
  }
}
