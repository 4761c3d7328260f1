package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Memory.ALL;
import static dev.syrinx.kernels.Memory.get;
import static dev.syrinx.kernels.Memory.set;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.I;
import static dev.syrinx.kernels.Species.LANES;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.syrinx.kernels.DType;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * One row against one panel: the decode step. Bound by memory, so the panel is one sequential stream and each type is widened in registers.
 *
 * <p>Bytes, AVX-512, panel in cache, one core: shifted down 15–19 GB/s, masked at the top of their lane 15–20, converted by byte vectors 18–28. From memory, two cores:
 * masked 11–13, byte vectors 13–15, byte vectors of two panels at a time 16–20, fewer instructions a line leave more lines in flight.
 * Float32 from memory, two cores, in one run: one panel 22.9, two panels 26.2, four 26.8; huge pages changed nothing.
 *
 * <p>A full panel is 64 outputs: four vectors of 512 bits, walked as 16-output columns on narrower machines.
 */
final class Gemv {
  private static final int TOP_BYTE = 0xff000000;

  private Gemv() {}

  /** Whether {@link #pair} takes a type: not 16-bit ones, whose widening is bound by arithmetic. */
  static boolean pairs(DType dtype) {
    return LANES == 16 && (dtype == DType.F32 || dtype == DType.I8);
  }

  /**
   * Two full panels that follow each other: two streams keep more of the memory busy than one. The sums are those of {@link #row}, to the bit.
   *
   * @param sums of the first panel; those of the second lie {@code next} bytes on
   */
  static void pair(long x0, int k, DType dtype, long panel, long sums, long next) {
    long second = panel + (long) Panels.WIDTH * k * dtype.bytes();
    if (dtype == DType.F32) {
      f32Pair(x0, k, panel, second, sums, sums + next);
      return;
    }
    long stored = sums + Panels.WIDTH * 4L;
    bytePair(x0, k, panel, second, stored, stored + next);
    inOrder(stored, sums);
    inOrder(stored + next, sums + next);
  }

  /** sums[width] = Σ x[k] · panel[k][·]. */
  static void row(long x0, int k, DType dtype, long panel, int width, long sums) {
    switch (dtype) {
      case F32 -> f32(x0, k, panel, width, sums);
      case I8 -> bytes(x0, k, panel, sums);
      default -> {
        int lane = 0;
        for (; lane + LANES < width / 2; lane += 2 * LANES) {
          halves(x0, k, dtype == DType.BF16, panel + lane * 4L, width * 2L, sums + place(lane), sums + place(lane + LANES));
        }
        if (lane < width / 2) {
          half(x0, k, dtype == DType.BF16, panel + lane * 4L, width * 2L, sums + place(lane));
        }
      }
    }
  }

  /** Where the outputs of a lane of pairs begin among the sums. */
  private static long place(int lane) {
    return (lane / 16 * 32 + lane % 16) * 4L;
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

  private static void f32Four(long x0, int k, long w0, long wRow, long s) {
    FloatVector a0 = FloatVector.zero(F), a1 = FloatVector.zero(F), a2 = FloatVector.zero(F), a3 = FloatVector.zero(F);
    long step = LANES * 4L;
    for (int i = 0; i < k; i++) {
      FloatVector xi = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L));
      long w = w0 + i * wRow;
      a0 = xi.fma(FloatVector.fromMemorySegment(F, ALL, w, LITTLE_ENDIAN), a0);
      a1 = xi.fma(FloatVector.fromMemorySegment(F, ALL, w + step, LITTLE_ENDIAN), a1);
      a2 = xi.fma(FloatVector.fromMemorySegment(F, ALL, w + 2 * step, LITTLE_ENDIAN), a2);
      a3 = xi.fma(FloatVector.fromMemorySegment(F, ALL, w + 3 * step, LITTLE_ENDIAN), a3);
    }
    store(a0, a1, a2, a3, s);
  }

  /** 512-bit vectors only. */
  private static void f32Pair(long x0, int k, long p, long q, long s, long t) {
    FloatVector a0 = FloatVector.zero(F), a1 = FloatVector.zero(F), a2 = FloatVector.zero(F), a3 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F), b1 = FloatVector.zero(F), b2 = FloatVector.zero(F), b3 = FloatVector.zero(F);
    for (int i = 0; i < k; i++) {
      FloatVector xi = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L));
      long v = p + i * 256L;
      long w = q + i * 256L;
      a0 = xi.fma(FloatVector.fromMemorySegment(F, ALL, v, LITTLE_ENDIAN), a0);
      a1 = xi.fma(FloatVector.fromMemorySegment(F, ALL, v + 64, LITTLE_ENDIAN), a1);
      a2 = xi.fma(FloatVector.fromMemorySegment(F, ALL, v + 128, LITTLE_ENDIAN), a2);
      a3 = xi.fma(FloatVector.fromMemorySegment(F, ALL, v + 192, LITTLE_ENDIAN), a3);
      b0 = xi.fma(FloatVector.fromMemorySegment(F, ALL, w, LITTLE_ENDIAN), b0);
      b1 = xi.fma(FloatVector.fromMemorySegment(F, ALL, w + 64, LITTLE_ENDIAN), b1);
      b2 = xi.fma(FloatVector.fromMemorySegment(F, ALL, w + 128, LITTLE_ENDIAN), b2);
      b3 = xi.fma(FloatVector.fromMemorySegment(F, ALL, w + 192, LITTLE_ENDIAN), b3);
    }
    store(a0, a1, a2, a3, s);
    store(b0, b1, b2, b3, t);
  }

  private static void f32One(long x0, int k, long w0, long wRow, long s) {
    FloatVector a = FloatVector.zero(F);
    for (int i = 0; i < k; i++) {
      FloatVector xi = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L));
      a = xi.fma(FloatVector.fromMemorySegment(F, ALL, w0 + i * wRow, LITTLE_ENDIAN), a);
    }
    a.intoMemorySegment(ALL, s, LITTLE_ENDIAN);
  }

  /** Inputs in order, as {@link Tile} takes them: a row gives the same bytes alone and among others. */
  private static void half(long x0, int k, boolean bf16, long w0, long wRow, long s) {
    FloatVector a0 = FloatVector.zero(F), a1 = FloatVector.zero(F);
    for (int i = 0; i < k; i++) {
      FloatVector xi = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L));
      IntVector p = IntVector.fromMemorySegment(I, ALL, w0 + i * wRow, LITTLE_ENDIAN);
      a0 = xi.fma(low(p, bf16), a0);
      a1 = xi.fma(high(p, bf16), a1);
    }
    a0.intoMemorySegment(ALL, s, LITTLE_ENDIAN);
    a1.intoMemorySegment(ALL, s + 64, LITTLE_ENDIAN);
  }

  /** The same for two vectors of pairs beside each other: four sums that do not wait for each other. */
  private static void halves(long x0, int k, boolean bf16, long w0, long wRow, long s, long t) {
    FloatVector a0 = FloatVector.zero(F), a1 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F), b1 = FloatVector.zero(F);
    long step = LANES * 4L;
    for (int i = 0; i < k; i++) {
      FloatVector xi = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L));
      IntVector p = IntVector.fromMemorySegment(I, ALL, w0 + i * wRow, LITTLE_ENDIAN);
      IntVector q = IntVector.fromMemorySegment(I, ALL, w0 + i * wRow + step, LITTLE_ENDIAN);
      a0 = xi.fma(low(p, bf16), a0);
      a1 = xi.fma(high(p, bf16), a1);
      b0 = xi.fma(low(q, bf16), b0);
      b1 = xi.fma(high(q, bf16), b1);
    }
    a0.intoMemorySegment(ALL, s, LITTLE_ENDIAN);
    a1.intoMemorySegment(ALL, s + 64, LITTLE_ENDIAN);
    b0.intoMemorySegment(ALL, t, LITTLE_ENDIAN);
    b1.intoMemorySegment(ALL, t + 64, LITTLE_ENDIAN);
  }

  private static FloatVector low(IntVector bits, boolean bf16) {
    return bf16 ? Widen.bf16Low(bits) : Widen.f16(bits.lanewise(VectorOperators.LSHL, 16));
  }

  private static FloatVector high(IntVector bits, boolean bf16) {
    return bf16 ? Widen.bf16High(bits) : Widen.f16(bits);
  }

  /** Sums of a panel of bytes. Byte vectors take the outputs in the order in which they are stored, so the sums are put in order at the end. */
  private static void bytes(long x0, int k, long panel, long sums) {
    if (LANES < 8) { // there is no vector of four bytes
      for (int lane = 0; lane < 16; lane += LANES) {
        shifted(x0, k, panel + lane * 4L, sums + lane * 4L);
      }
      return;
    }
    long stored = sums + Panels.WIDTH * 4L;
    for (int chunk = 0; chunk < Panels.WIDTH; chunk += 4 * LANES) {
      converted(x0, k, panel + chunk, stored + chunk * 4L);
    }
    inOrder(stored, sums);
  }

  private static void inOrder(long stored, long sums) {
    for (int j = 0; j < Panels.WIDTH; j++) {
      set(sums + j * 4L, get(stored + Panels.position(DType.I8, j) * 4L));
    }
  }

  /** 512-bit vectors only: a row of each panel is four of them. */
  private static void bytePair(long x0, int k, long p, long q, long s, long t) {
    FloatVector a0 = FloatVector.zero(F), a1 = FloatVector.zero(F), a2 = FloatVector.zero(F), a3 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F), b1 = FloatVector.zero(F), b2 = FloatVector.zero(F), b3 = FloatVector.zero(F);
    for (int i = 0; i < k; i++) {
      FloatVector xi = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L));
      long v = p + i * 64L;
      long w = q + i * 64L;
      a0 = xi.fma((FloatVector) ByteVector.fromMemorySegment(Bytes.B, ALL, v, LITTLE_ENDIAN).convertShape(VectorOperators.B2F, F, 0), a0);
      a1 = xi.fma((FloatVector) ByteVector.fromMemorySegment(Bytes.B, ALL, v + 16, LITTLE_ENDIAN).convertShape(VectorOperators.B2F, F, 0), a1);
      a2 = xi.fma((FloatVector) ByteVector.fromMemorySegment(Bytes.B, ALL, v + 32, LITTLE_ENDIAN).convertShape(VectorOperators.B2F, F, 0), a2);
      a3 = xi.fma((FloatVector) ByteVector.fromMemorySegment(Bytes.B, ALL, v + 48, LITTLE_ENDIAN).convertShape(VectorOperators.B2F, F, 0), a3);
      b0 = xi.fma((FloatVector) ByteVector.fromMemorySegment(Bytes.B, ALL, w, LITTLE_ENDIAN).convertShape(VectorOperators.B2F, F, 0), b0);
      b1 = xi.fma((FloatVector) ByteVector.fromMemorySegment(Bytes.B, ALL, w + 16, LITTLE_ENDIAN).convertShape(VectorOperators.B2F, F, 0), b1);
      b2 = xi.fma((FloatVector) ByteVector.fromMemorySegment(Bytes.B, ALL, w + 32, LITTLE_ENDIAN).convertShape(VectorOperators.B2F, F, 0), b2);
      b3 = xi.fma((FloatVector) ByteVector.fromMemorySegment(Bytes.B, ALL, w + 48, LITTLE_ENDIAN).convertShape(VectorOperators.B2F, F, 0), b3);
    }
    store(a0, a1, a2, a3, s);
    store(b0, b1, b2, b3, t);
  }

  private static void store(FloatVector v0, FloatVector v1, FloatVector v2, FloatVector v3, long s) {
    long step = LANES * 4L;
    v0.intoMemorySegment(ALL, s, LITTLE_ENDIAN);
    v1.intoMemorySegment(ALL, s + step, LITTLE_ENDIAN);
    v2.intoMemorySegment(ALL, s + 2 * step, LITTLE_ENDIAN);
    v3.intoMemorySegment(ALL, s + 3 * step, LITTLE_ENDIAN);
  }

  private static void converted(long x0, int k, long w0, long s) {
    FloatVector a0 = FloatVector.zero(F), a1 = FloatVector.zero(F), a2 = FloatVector.zero(F), a3 = FloatVector.zero(F);
    for (int i = 0; i < k; i++) {
      FloatVector xi = FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, x0 + i * 4L));
      long w = w0 + i * 64L;
      a0 = xi.fma((FloatVector) ByteVector.fromMemorySegment(Bytes.B, ALL, w, LITTLE_ENDIAN).convertShape(VectorOperators.B2F, F, 0), a0);
      a1 = xi.fma((FloatVector) ByteVector.fromMemorySegment(Bytes.B, ALL, w + LANES, LITTLE_ENDIAN).convertShape(VectorOperators.B2F, F, 0), a1);
      a2 = xi.fma((FloatVector) ByteVector.fromMemorySegment(Bytes.B, ALL, w + 2 * LANES, LITTLE_ENDIAN).convertShape(VectorOperators.B2F, F, 0), a2);
      a3 = xi.fma((FloatVector) ByteVector.fromMemorySegment(Bytes.B, ALL, w + 3 * LANES, LITTLE_ENDIAN).convertShape(VectorOperators.B2F, F, 0), a3);
    }
    store(a0, a1, a2, a3, s);
  }

  /** As many bytes as a float vector has lanes; a class of its own, because four of them are no vector. */
  private static final class Bytes {
    static final VectorSpecies<Byte> B = VectorSpecies.of(byte.class, VectorShape.forBitSize(LANES * Byte.SIZE));
  }

  /** The bytes are brought to the top of their lane, not down: the sums carry a factor of 2²⁴, which is exact and is taken off at the end. */
  private static void shifted(long x0, int k, long w0, long s) {
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
