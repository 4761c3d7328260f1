package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.I;
import static dev.syrinx.kernels.Species.LANES;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.syrinx.kernels.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * One row against one panel: the decode step. Bound by memory, so the panel is one sequential stream and each type is widened in registers.
 *
 * <p>A full panel is 64 outputs: four vectors of 512 bits, walked as 16-output columns on narrower machines.
 */
final class Gemv {
  private Gemv() {}

  /** sums[width] = Σ x[k] · panel[k][·]. */
  static void row(MemorySegment x, long x0, int k, MemorySegment w, DType dtype, long panel, int width, MemorySegment sums) {
    switch (dtype) {
      case F32 -> f32(x, x0, k, w, panel, width, sums);
      case I8 -> {
        for (int lane = 0; lane < 16; lane += LANES) {
          i8(x, x0, k, w, panel + lane * 4L, sums, lane * 4L);
        }
      }
      default -> {
        for (int lane = 0; lane < width / 2; lane += LANES) {
          half(x, x0, k, w, dtype == DType.BF16, panel + lane * 4L, width * 2L, sums, (lane / 16 * 32 + lane % 16) * 4L);
        }
      }
    }
  }

  private static FloatVector spread(MemorySegment x, long offset) {
    return FloatVector.broadcast(F, x.get(JAVA_FLOAT_UNALIGNED, offset));
  }

  private static void f32(MemorySegment x, long x0, int k, MemorySegment w, long panel, int width, MemorySegment sums) {
    int column = 0;
    for (; column + 4 * LANES <= width; column += 4 * LANES) {
      f32Four(x, x0, k, w, panel + column * 4L, width * 4L, sums, column * 4L);
    }
    for (; column < width; column += LANES) {
      f32One(x, x0, k, w, panel + column * 4L, width * 4L, sums, column * 4L);
    }
  }

  /** Two inputs at a time: eight chains hide the latency of the multiply-add. */
  private static void f32Four(MemorySegment x, long x0, int k, MemorySegment w, long w0, long wRow, MemorySegment sums, long s) {
    FloatVector a0 = FloatVector.zero(F), a1 = FloatVector.zero(F), a2 = FloatVector.zero(F), a3 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F), b1 = FloatVector.zero(F), b2 = FloatVector.zero(F), b3 = FloatVector.zero(F);
    long step = LANES * 4L;
    int i = 0;
    for (; i + 1 < k; i += 2) {
      FloatVector x1 = spread(x, x0 + i * 4L);
      FloatVector x2 = spread(x, x0 + i * 4L + 4);
      long p = w0 + i * wRow;
      long q = p + wRow;
      a0 = x1.fma(load(w, p), a0);
      a1 = x1.fma(load(w, p + step), a1);
      a2 = x1.fma(load(w, p + 2 * step), a2);
      a3 = x1.fma(load(w, p + 3 * step), a3);
      b0 = x2.fma(load(w, q), b0);
      b1 = x2.fma(load(w, q + step), b1);
      b2 = x2.fma(load(w, q + 2 * step), b2);
      b3 = x2.fma(load(w, q + 3 * step), b3);
    }
    if (i < k) {
      FloatVector x1 = spread(x, x0 + i * 4L);
      long p = w0 + i * wRow;
      a0 = x1.fma(load(w, p), a0);
      a1 = x1.fma(load(w, p + step), a1);
      a2 = x1.fma(load(w, p + 2 * step), a2);
      a3 = x1.fma(load(w, p + 3 * step), a3);
    }
    store(a0.add(b0), sums, s);
    store(a1.add(b1), sums, s + step);
    store(a2.add(b2), sums, s + 2 * step);
    store(a3.add(b3), sums, s + 3 * step);
  }

  private static void f32One(MemorySegment x, long x0, int k, MemorySegment w, long w0, long wRow, MemorySegment sums, long s) {
    FloatVector a = FloatVector.zero(F);
    for (int i = 0; i < k; i++) {
      a = spread(x, x0 + i * 4L).fma(load(w, w0 + i * wRow), a);
    }
    store(a, sums, s);
  }

  private static void half(MemorySegment x, long x0, int k, MemorySegment w, boolean bf16, long w0, long wRow, MemorySegment sums, long s) {
    FloatVector a0 = FloatVector.zero(F), a1 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F), b1 = FloatVector.zero(F);
    int i = 0;
    for (; i + 1 < k; i += 2) {
      FloatVector x1 = spread(x, x0 + i * 4L);
      FloatVector x2 = spread(x, x0 + i * 4L + 4);
      IntVector p = bits(w, w0 + i * wRow);
      IntVector q = bits(w, w0 + i * wRow + wRow);
      a0 = x1.fma(low(p, bf16), a0);
      a1 = x1.fma(high(p, bf16), a1);
      b0 = x2.fma(low(q, bf16), b0);
      b1 = x2.fma(high(q, bf16), b1);
    }
    if (i < k) {
      FloatVector x1 = spread(x, x0 + i * 4L);
      IntVector p = bits(w, w0 + i * wRow);
      a0 = x1.fma(low(p, bf16), a0);
      a1 = x1.fma(high(p, bf16), a1);
    }
    store(a0.add(b0), sums, s);
    store(a1.add(b1), sums, s + 64);
  }

  private static FloatVector low(IntVector bits, boolean bf16) {
    return bf16 ? Widen.bf16Low(bits) : Widen.f16(bits.lanewise(jdk.incubator.vector.VectorOperators.LSHL, 16));
  }

  private static FloatVector high(IntVector bits, boolean bf16) {
    return bf16 ? Widen.bf16High(bits) : Widen.f16(bits);
  }

  private static void i8(MemorySegment x, long x0, int k, MemorySegment w, long w0, MemorySegment sums, long s) {
    FloatVector a0 = FloatVector.zero(F), a1 = FloatVector.zero(F), a2 = FloatVector.zero(F), a3 = FloatVector.zero(F);
    for (int i = 0; i < k; i++) {
      FloatVector xi = spread(x, x0 + i * 4L);
      IntVector p = bits(w, w0 + i * 64L);
      a0 = xi.fma(Widen.i8(p, 24), a0);
      a1 = xi.fma(Widen.i8(p, 16), a1);
      a2 = xi.fma(Widen.i8(p, 8), a2);
      a3 = xi.fma(Widen.i8(p, 0), a3);
    }
    store(a0, sums, s);
    store(a1, sums, s + 64);
    store(a2, sums, s + 128);
    store(a3, sums, s + 192);
  }

  private static FloatVector load(MemorySegment m, long offset) {
    return FloatVector.fromMemorySegment(F, m, offset, LITTLE_ENDIAN);
  }

  private static IntVector bits(MemorySegment m, long offset) {
    return IntVector.fromMemorySegment(I, m, offset, LITTLE_ENDIAN);
  }

  private static void store(FloatVector v, MemorySegment m, long offset) {
    v.intoMemorySegment(m, offset, LITTLE_ENDIAN);
  }
}
