package dev.syrinx.kernels.activation;

import static dev.syrinx.kernels.Species.F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Vector forms of {@link Activation}. */
public final class ActivationVector {
  private static final float SQRT_2_OVER_PI = (float) Math.sqrt(2 / Math.PI);
  private static final float SQRT_HALF = (float) Math.sqrt(0.5);

  private ActivationVector() {}

  /** The function of number {@code id}; callers branch once per row, C2 hoists the switch out of loops. */
  public static FloatVector apply(int id, FloatVector x) {
    return switch (id) {
      case 1 -> x.max(0f);
      case 2 -> silu(x);
      case 3 -> geluTanh(x);
      case 4 -> geluErf(x);
      case 5 -> sigmoid(x);
      case 6 -> x.lanewise(VectorOperators.TANH);
      case 7 -> mish(x);
      default -> x;
    };
  }

  /** 1 / (1 + e⁻ˣ). */
  public static FloatVector sigmoid(FloatVector x) {
    FloatVector one = FloatVector.broadcast(F, 1f);
    return one.div(x.neg().lanewise(VectorOperators.EXP).add(one));
  }

  /** x · sigmoid(x). */
  public static FloatVector silu(FloatVector x) {
    return x.div(x.neg().lanewise(VectorOperators.EXP).add(1f));
  }

  static FloatVector geluTanh(FloatVector x) {
    FloatVector cubic = x.mul(x).mul(0.044715f).add(1f).mul(x);
    return x.mul(0.5f).mul(cubic.mul(SQRT_2_OVER_PI).lanewise(VectorOperators.TANH).add(1f));
  }

  /** x Φ(x) = x/2 · erfc(−x/√2), which keeps its relative accuracy far below zero. */
  static FloatVector geluErf(FloatVector x) {
    return x.mul(0.5f).mul(erfc(x.mul(-SQRT_HALF)));
  }

  /**
   * Complementary error function with the rational Chebyshev fit published in Numerical Recipes ({@code erfcc}): relative error below 1.2e-7.
   */
  static FloatVector erfc(FloatVector x) {
    FloatVector z = x.abs();
    FloatVector t = FloatVector.broadcast(F, 1f).div(z.mul(0.5f).add(1f));
    FloatVector p = FloatVector.broadcast(F, 0.17087277f);
    p = p.mul(t).add(-0.82215223f);
    p = p.mul(t).add(1.48851587f);
    p = p.mul(t).add(-1.13520398f);
    p = p.mul(t).add(0.27886807f);
    p = p.mul(t).add(-0.18628806f);
    p = p.mul(t).add(0.09678418f);
    p = p.mul(t).add(0.37409196f);
    p = p.mul(t).add(1.00002368f);
    p = p.mul(t).add(-1.26551223f);
    FloatVector tail = t.mul(p.sub(z.mul(z)).lanewise(VectorOperators.EXP));
    VectorMask<Float> negative = x.compare(VectorOperators.LT, 0f);
    return tail.blend(FloatVector.broadcast(F, 2f).sub(tail), negative);
  }

  /** With w = (1 + eˣ)², tanh(ln(1 + eˣ)) = (w − 1)/(w + 1); for x above 20 it is 1 in float. */
  static FloatVector mish(FloatVector x) {
    FloatVector e = x.min(20f).lanewise(VectorOperators.EXP);
    FloatVector n = e.mul(e.add(2f));
    FloatVector y = x.mul(n.div(n.add(2f)));
    return y.blend(x, x.compare(VectorOperators.GT, 20f));
  }
}
