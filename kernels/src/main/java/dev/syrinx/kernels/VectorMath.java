package dev.syrinx.kernels;

import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Functions and reductions of vectors whose bits do not depend on the state of the compiler.
 *
 * <p>{@code VectorOperators.EXP}, {@code SIN} and {@code TANH} call a vector library once compiled and {@code StrictMath}-like code before, and
 * {@code reduceLanes(ADD)} leaves its order open: both would give a request's first run other bytes than its second. Here everything is
 * multiply-adds in a fixed order. The polynomials are minimax fits made for this file; errors are relative and stand with each.
 */
public final class VectorMath {
  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.69314718f;

  /** ln 2 − LN2_HIGH. */
  private static final float LN2_LOW = -1.9046543e-9f;

  /** Adding it leaves a number rounded to a whole one, plus 127, in the low bits. */
  private static final float ROUND_AND_BIAS = 0x1.8p23f + 127;

  private static final float ROUND = 0x1.8p23f;
  private static final float ONE_OVER_PI = 0.318309886f;
  private static final float PI_HIGH = 3.14159274f;

  /** π − PI_HIGH. */
  private static final float PI_LOW = -8.74227800e-8f;

  private static final VectorShuffle<Float> SWAP_1 = swap(1);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_8 = swap(8);

  private VectorMath() {}

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F, i -> (i ^ distance) & (LANES - 1));
  }

  /** eˣ; 0 below −87.33 (no subnormals), infinity above 88.37. Error below 1.5e-7. */
  public static FloatVector exp(FloatVector x) {
    FloatVector y = expUnbounded(x);
    y = y.blend(0f, x.compare(VectorOperators.LT, -87.33f));
    return y.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, 88.37f));
  }

  /** eˣ of x ≤ 0; 0 below −87.33. */
  public static FloatVector expOfNegative(FloatVector x) {
    return expUnbounded(x).blend(0f, x.compare(VectorOperators.LT, -87.33f));
  }

  /** With n = round(x / ln 2) and r = x − n·ln 2: 2ⁿ·eʳ. The fit of eʳ on ±ln 2 / 2 has error 3.1e-9. */
  private static FloatVector expUnbounded(FloatVector x) {
    FloatVector t = x.fma(LOG2_E, ROUND_AND_BIAS);
    FloatVector n = t.sub(ROUND_AND_BIAS);
    FloatVector power = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    FloatVector r = n.fma(FloatVector.broadcast(F, -LN2_HIGH), x);
    r = n.fma(FloatVector.broadcast(F, -LN2_LOW), r);
    FloatVector p = r.fma(0.00138145988f, 0.00836871658f);
    p = p.fma(r, FloatVector.broadcast(F, 0.0416683890f));
    p = p.fma(r, FloatVector.broadcast(F, 0.166665211f));
    p = p.fma(r, FloatVector.broadcast(F, 0.499999940f));
    p = p.fma(r, FloatVector.broadcast(F, 1f));
    p = p.fma(r, FloatVector.broadcast(F, 1f));
    return p.mul(power);
  }

  /** Hyperbolic tangent. Error below 3e-7; near zero the odd fit keeps it relative. */
  public static FloatVector tanh(FloatVector x) {
    FloatVector size = x.abs();
    FloatVector one = FloatVector.broadcast(F, 1f);
    FloatVector e = exp(size.add(size));
    IntVector sign = x.reinterpretAsInts().and(0x80000000);
    FloatVector far = one.sub(FloatVector.broadcast(F, 2f).div(e.add(one))).reinterpretAsInts().or(sign).reinterpretAsFloats();
    FloatVector s = x.mul(x);
    FloatVector p = s.fma(-0.00567931309f, 0.0206181314f);
    p = p.fma(s, FloatVector.broadcast(F, -0.0537340045f));
    p = p.fma(s, FloatVector.broadcast(F, 0.133313835f));
    p = p.fma(s, FloatVector.broadcast(F, -0.333332807f));
    FloatVector near = p.mul(s).fma(x, x);
    return far.blend(near, size.compare(VectorOperators.LT, 0.625f));
  }

  /** sin² x, exact to 2e-7 for |x| up to 10⁵; the sign that the reduction by multiples of π loses does not matter. */
  public static FloatVector sinSquared(FloatVector x) {
    FloatVector n = x.fma(ONE_OVER_PI, ROUND).sub(ROUND);
    FloatVector r = n.fma(FloatVector.broadcast(F, -PI_HIGH), x);
    r = n.fma(FloatVector.broadcast(F, -PI_LOW), r);
    FloatVector s = r.mul(r);
    FloatVector p = s.fma(2.60005481e-6f, -1.98066147e-4f);
    p = p.fma(s, FloatVector.broadcast(F, 0.00833301712f));
    p = p.fma(s, FloatVector.broadcast(F, -0.166666567f));
    FloatVector sine = p.mul(s).fma(r, r);
    return sine.mul(sine);
  }

  /** Sum of the lanes as a balanced tree. */
  public static float sum(FloatVector v) {
    FloatVector w = LANES >= 16 ? v.add(v.rearrange(SWAP_8)) : v;
    w = LANES >= 8 ? w.add(w.rearrange(SWAP_4)) : w;
    w = w.add(w.rearrange(SWAP_2));
    return w.add(w.rearrange(SWAP_1)).lane(0);
  }
}
