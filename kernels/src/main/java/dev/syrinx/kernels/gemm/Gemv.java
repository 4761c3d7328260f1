package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Memory.ALL;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.I;
import static dev.syrinx.kernels.Species.LANES;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.syrinx.kernels.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * One row against one panel: the decode step. Bound by memory, so the panel is one sequential stream and each type is widened in registers.
 *
 * <p>Rate of one core with the panel in cache (AVX-512): bytes shifted down 15–19 GB/s, through byte vectors 25, as exponent bits 22, masked at the top 28.
 *
 * <p>A full panel is 64 outputs: four vectors of 512 bits, walked as 16-output columns on narrower machines.
 */
final class Gemv {
  private static final int TOP_BYTE = 0xff000000;

  private Gemv() {}

  /** sums[width] = Σ x[k] · panel[k][·]. */
  static void row(long x0, int k, DType dtype, long panel, int width, long sums) {
    switch (dtype) {
      case F32 -> f32(x0, k, panel, width, sums);
      case I8 -> {
        for (int lane = 0; lane < 16; lane += LANES) {
          i8(x0, k, panel + lane * 4L, sums + lane * 4L);
        }
      }
      default -> {
        for (int lane = 0; lane < width / 2; lane += LANES) {
          half(x0, k, dtype == DType.BF16, panel + lane * 4L, width * 2L, sums + (lane / 16 * 32 + lane % 16) * 4L);
        }
      }
    }
  }

  private static void f32(long x0, int k, long panel, int width, long sums) {
    int column = 0;
    for (; column + 4 * LANES <= width; column += 4 * LANES) {
      f32Four(x0, k, panel + column * 4L, width * 4L, sums + column * 4L);
    }
    for (; column < width; column += LANES) {
      f32One(x0, k, panel + column * 4L, width * 4L, sums + column * 4L);
    }
  }

  /** Two inputs at a time: eight chains hide the latency of the multiply-add. */
  private static void f32Four(long x0, int k, long w0, long wRow, long s) {
    FloatVector a0 = FloatVector.zero(F), a1 = FloatVector.zero(F), a2 = FloatVector.zero(F), a3 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F), b1 = FloatVector.zero(F), b2 = FloatVector.zero(F), b3 = FloatVector.zero(F);
    long step = LANES * 4L;
    int i = 0;
    for (; i + 1 < k; i += 2) {
      FloatVector x1 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L));
      FloatVector x2 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L + 4));
      long p = w0 + i * wRow;
      long q = p + wRow;
      a0 = x1.fma(FloatVector.fromMemorySegment(F, ALL, p, LITTLE_ENDIAN), a0);
      a1 = x1.fma(FloatVector.fromMemorySegment(F, ALL, p + step, LITTLE_ENDIAN), a1);
      a2 = x1.fma(FloatVector.fromMemorySegment(F, ALL, p + 2 * step, LITTLE_ENDIAN), a2);
      a3 = x1.fma(FloatVector.fromMemorySegment(F, ALL, p + 3 * step, LITTLE_ENDIAN), a3);
      b0 = x2.fma(FloatVector.fromMemorySegment(F, ALL, q, LITTLE_ENDIAN), b0);
      b1 = x2.fma(FloatVector.fromMemorySegment(F, ALL, q + step, LITTLE_ENDIAN), b1);
      b2 = x2.fma(FloatVector.fromMemorySegment(F, ALL, q + 2 * step, LITTLE_ENDIAN), b2);
      b3 = x2.fma(FloatVector.fromMemorySegment(F, ALL, q + 3 * step, LITTLE_ENDIAN), b3);
    }
    if (i < k) {
      FloatVector x1 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L));
      long p = w0 + i * wRow;
      a0 = x1.fma(FloatVector.fromMemorySegment(F, ALL, p, LITTLE_ENDIAN), a0);
      a1 = x1.fma(FloatVector.fromMemorySegment(F, ALL, p + step, LITTLE_ENDIAN), a1);
      a2 = x1.fma(FloatVector.fromMemorySegment(F, ALL, p + 2 * step, LITTLE_ENDIAN), a2);
      a3 = x1.fma(FloatVector.fromMemorySegment(F, ALL, p + 3 * step, LITTLE_ENDIAN), a3);
    }
    a0.add(b0).intoMemorySegment(ALL, s, LITTLE_ENDIAN);
    a1.add(b1).intoMemorySegment(ALL, s + step, LITTLE_ENDIAN);
    a2.add(b2).intoMemorySegment(ALL, s + 2 * step, LITTLE_ENDIAN);
    a3.add(b3).intoMemorySegment(ALL, s + 3 * step, LITTLE_ENDIAN);
  }

  private static void f32One(long x0, int k, long w0, long wRow, long s) {
    FloatVector a = FloatVector.zero(F);
    for (int i = 0; i < k; i++) {
      FloatVector xi = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L));
      a = xi.fma(FloatVector.fromMemorySegment(F, ALL, w0 + i * wRow, LITTLE_ENDIAN), a);
    }
    a.intoMemorySegment(ALL, s, LITTLE_ENDIAN);
  }

  private static void half(long x0, int k, boolean bf16, long w0, long wRow, long s) {
    FloatVector a0 = FloatVector.zero(F), a1 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F), b1 = FloatVector.zero(F);
    int i = 0;
    for (; i + 1 < k; i += 2) {
      FloatVector x1 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L));
      FloatVector x2 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L + 4));
      IntVector p = IntVector.fromMemorySegment(I, ALL, w0 + i * wRow, LITTLE_ENDIAN);
      IntVector q = IntVector.fromMemorySegment(I, ALL, w0 + i * wRow + wRow, LITTLE_ENDIAN);
      a0 = x1.fma(low(p, bf16), a0);
      a1 = x1.fma(high(p, bf16), a1);
      b0 = x2.fma(low(q, bf16), b0);
      b1 = x2.fma(high(q, bf16), b1);
    }
    if (i < k) {
      FloatVector x1 = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L));
      IntVector p = IntVector.fromMemorySegment(I, ALL, w0 + i * wRow, LITTLE_ENDIAN);
      a0 = x1.fma(low(p, bf16), a0);
      a1 = x1.fma(high(p, bf16), a1);
    }
    a0.add(b0).intoMemorySegment(ALL, s, LITTLE_ENDIAN);
    a1.add(b1).intoMemorySegment(ALL, s + 64, LITTLE_ENDIAN);
  }

  private static FloatVector low(IntVector bits, boolean bf16) {
    return bf16 ? Widen.bf16Low(bits) : Widen.f16(bits.lanewise(VectorOperators.LSHL, 16));
  }

  private static FloatVector high(IntVector bits, boolean bf16) {
    return bf16 ? Widen.bf16High(bits) : Widen.f16(bits);
  }

  /** The bytes are brought to the top of their lane, not down: the sums carry a factor of 2²⁴, which is exact and is taken off at the end. */
  private static void i8(long x0, int k, long w0, long s) {
    FloatVector a0 = FloatVector.zero(F), a1 = FloatVector.zero(F), a2 = FloatVector.zero(F), a3 = FloatVector.zero(F);
    for (int i = 0; i < k; i++) {
      FloatVector xi = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L));
      IntVector p = IntVector.fromMemorySegment(I, ALL, w0 + i * 64L, LITTLE_ENDIAN);
      a0 = xi.fma(toFloat(p.lanewise(VectorOperators.LSHL, 24)), a0);
      a1 = xi.fma(toFloat(p.lanewise(VectorOperators.LSHL, 16).and(TOP_BYTE)), a1);
      a2 = xi.fma(toFloat(p.lanewise(VectorOperators.LSHL, 8).and(TOP_BYTE)), a2);
      a3 = xi.fma(toFloat(p.and(TOP_BYTE)), a3);
    }
    a0.mul(0x1p-24f).intoMemorySegment(ALL, s, LITTLE_ENDIAN);
    a1.mul(0x1p-24f).intoMemorySegment(ALL, s + 64, LITTLE_ENDIAN);
    a2.mul(0x1p-24f).intoMemorySegment(ALL, s + 128, LITTLE_ENDIAN);
    a3.mul(0x1p-24f).intoMemorySegment(ALL, s + 192, LITTLE_ENDIAN);
  }

  private static FloatVector toFloat(IntVector v) {
    return (FloatVector) v.convertShape(VectorOperators.I2F, F, 0);
  }
}
