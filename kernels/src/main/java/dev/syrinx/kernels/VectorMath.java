package dev.syrinx.kernels;

import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.I;
import static dev.syrinx.kernels.Species.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Functions and reductions of vectors whose bits do not depend on the state of the compiler.
 *
 * <p>{@code VectorOperators.EXP}, {@code SIN} and {@code TANH} call a vector library once compiled and {@code StrictMath}-like code before,
 * and {@code reduceLanes(ADD)} leaves its order open: both would give a request's first run other bytes than its second. Here everything is
 * multiply-adds in a fixed order. The polynomials are minimax fits made for this file; errors are relative and stand with each.
 */
public final class VectorMath {
  // Constant vectors instead of floats: an operation with a float broadcasts it, which doubles C2's work on a method.
  private static final FloatVector ZERO = FloatVector.zero(F);
  private static final FloatVector ONE = constant(1f);
  private static final FloatVector TWO = constant(2f);
  private static final FloatVector INFINITY = constant(Float.POSITIVE_INFINITY);
  private static final FloatVector EXP_LEAST = constant(-87.33f);
  private static final FloatVector EXP_MOST = constant(88.37f);
  private static final FloatVector LOG2_E = constant(1.442695f);
  private static final FloatVector MINUS_LN2_HIGH = constant(-0.6931472f);

  /** Float ln 2 − ln 2. */
  private static final FloatVector MINUS_LN2_LOW = constant(1.9046542e-9f);

  /** Adding it leaves a number rounded to a whole one, plus 127, in the low bits. */
  private static final FloatVector ROUND_AND_BIAS = constant(0x1.8p23f + 127);

  private static final FloatVector EXP_2 = constant(0.499999940f);
  private static final FloatVector EXP_3 = constant(0.16666521f);
  private static final FloatVector EXP_4 = constant(0.04166839f);
  private static final FloatVector EXP_5 = constant(0.008368717f);
  private static final FloatVector EXP_6 = constant(0.0013814599f);
  private static final FloatVector TANH_NEAR = constant(0.625f);
  private static final FloatVector TANH_3 = constant(-0.3333328f);
  private static final FloatVector TANH_5 = constant(0.13331383f);
  private static final FloatVector TANH_7 = constant(-0.053734004f);
  private static final FloatVector TANH_9 = constant(0.020618131f);
  private static final FloatVector TANH_11 = constant(-0.005679313f);
  private static final IntVector MAGNITUDE = IntVector.broadcast(I, 0x7fffffff);
  private static final IntVector SIGN = IntVector.broadcast(I, 0x80000000);

  private static final VectorShuffle<Float> SWAP_1 = swap(1);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_8 = swap(8);

  private VectorMath() {}

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F, i -> (i ^ distance) & (LANES - 1));
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(F, value);
  }

  /** eˣ; 0 below −87.33 (no subnormals), infinity above 88.37. Error below 1.5e-7. */
  public static FloatVector exp(FloatVector x) {
    return expBounded(x).blend(ZERO, x.compare(VectorOperators.LT, EXP_LEAST)).blend(INFINITY, x.compare(VectorOperators.GT, EXP_MOST));
  }

  /** eˣ of x ≤ 0; 0 below −87.33. */
  public static FloatVector expOfNegative(FloatVector x) {
    return expBounded(x).blend(ZERO, x.compare(VectorOperators.LT, EXP_LEAST));
  }

  /** eˣ of −87 ≤ x ≤ 88, or NaN. With n = round(x / ln 2) and r = x − n·ln 2: 2ⁿ·eʳ. The fit of eʳ on ±ln 2 / 2 has error 3.1e-9. */
  public static FloatVector expBounded(FloatVector x) {
    FloatVector t = x.fma(LOG2_E, ROUND_AND_BIAS);
    FloatVector n = t.sub(ROUND_AND_BIAS);
    FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
    FloatVector p = EXP_6.fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2).fma(r, ONE).fma(r, ONE);
    return p.mul(t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
  }

  /** Hyperbolic tangent. Error below 3e-7; near zero the odd fit keeps it relative. */
  public static FloatVector tanh(FloatVector x) {
    FloatVector size = x.abs();
    FloatVector e = exp(size.add(size));
    IntVector sign = x.reinterpretAsInts().and(SIGN);
    FloatVector far = ONE.sub(TWO.div(e.add(ONE))).reinterpretAsInts().or(sign).reinterpretAsFloats();
    FloatVector s = x.mul(x);
    FloatVector p = TANH_11.fma(s, TANH_9).fma(s, TANH_7).fma(s, TANH_5).fma(s, TANH_3);
    return far.blend(p.mul(s).fma(x, x), size.compare(VectorOperators.LT, TANH_NEAR));
  }

  /** Lanes 2i and 2i + 1 exchanged. */
  public static FloatVector swapPairs(FloatVector v) {
    return v.rearrange(SWAP_1);
  }

  /** Sum of the lanes as a balanced tree. */
  public static float sum(FloatVector v) {
    FloatVector w = LANES >= 16 ? v.add(v.rearrange(SWAP_8)) : v;
    w = LANES >= 8 ? w.add(w.rearrange(SWAP_4)) : w;
    w = w.add(w.rearrange(SWAP_2));
    return w.add(w.rearrange(SWAP_1)).lane(0);
  }

  /**
   * Largest lane; a NaN is either passed over or the result. In the order of the bits of sign and magnitude, which needs no care for NaN
   * and −0.
   */
  public static float max(FloatVector v) {
    IntVector bits = v.reinterpretAsInts();
    IntVector ordered = bits.lanewise(VectorOperators.XOR, bits.lanewise(VectorOperators.ASHR, 31).and(MAGNITUDE));
    int most = ordered.reduceLanes(VectorOperators.MAX);
    return Float.intBitsToFloat(most ^ (most >> 31 & 0x7fffffff));
  }
}
