package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Memory.bits;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Narrow panel rows to float rows, without shuffles: see {@link Panels} for the order of the bits. */
final class Widen {
  /** 2¹¹²: moves the exponent of a half-precision number, shifted into float position, to float's bias. Subnormals come out exact. */
  private static final float HALF_BIAS = 0x1p112f;

  private Widen() {}

  /** {@code rows} rows of {@code width} outputs from address {@code from} on, to address {@code target} [rows][width]. */
  static void run(DType dtype, long from, long rows, int width, long target) {
    long groups = rows * width / Panels.granule(dtype);
    for (long g = 0; g < groups; g++) {
      for (int lane = 0; lane < 16; lane += LANES) {
        IntVector lanes = bits(from + g * 64 + lane * 4L);
        long to = target + (g * Panels.granule(dtype) + lane) * 4;
        switch (dtype) {
          case BF16 -> {
            store(bf16Low(lanes), to);
            store(bf16High(lanes), to + 64);
          }
          case F16 -> {
            store(f16(lanes.lanewise(VectorOperators.LSHL, 16)), to);
            store(f16(lanes), to + 64);
          }
          default -> {
            store(i8(lanes, 24), to);
            store(i8(lanes, 16), to + 64);
            store(i8(lanes, 8), to + 128);
            store(i8(lanes, 0), to + 192);
          }
        }
      }
    }
  }

  /** bfloat16 in the low halves. */
  static FloatVector bf16Low(IntVector bits) {
    return bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  /** bfloat16 in the high halves. */
  static FloatVector bf16High(IntVector bits) {
    return bits.lanewise(VectorOperators.AND, 0xffff0000).reinterpretAsFloats();
  }

  /** Half precision in the high halves; finite values only, which packing guarantees. */
  static FloatVector f16(IntVector bits) {
    IntVector sign = bits.lanewise(VectorOperators.AND, 0x80000000);
    IntVector magnitude = bits.lanewise(VectorOperators.AND, 0x7fff0000).lanewise(VectorOperators.LSHR, 3);
    return magnitude.lanewise(VectorOperators.OR, sign).reinterpretAsFloats().mul(HALF_BIAS);
  }

  /** Signed bytes: the one that a left shift by {@code up} brings to the top. */
  static FloatVector i8(IntVector bits, int up) {
    IntVector top = up == 0 ? bits : bits.lanewise(VectorOperators.LSHL, up);
    return (FloatVector) top.lanewise(VectorOperators.ASHR, 24).convertShape(VectorOperators.I2F, F, 0);
  }
}
