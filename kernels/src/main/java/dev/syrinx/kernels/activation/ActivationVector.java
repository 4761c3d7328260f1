package dev.syrinx.kernels.activation;

import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector forms of {@link Activation}, over runs of floats in place.
 *
 * <p>One loop for each function on purpose: a switch inside a loop inlines all of them into one method, which passes C2's limits, and then every vector is
 * allocated.
 */
public final class ActivationVector {
  private static final float SQRT_2_OVER_PI = (float) Math.sqrt(2 / Math.PI);
  private static final float SQRT_HALF = (float) Math.sqrt(0.5);

  private ActivationVector() {}

  /** The function of number {@code id} over {@code n} floats in place. */
  public static void run(int id, long address, int n) {
    switch (id) {
      case 1 -> runRelu(address, n);
      case 2 -> runSilu(address, n);
      case 3 -> runGeluTanh(address, n);
      case 4 -> runGeluErf(address, n);
      case 5 -> runSigmoid(address, n);
      case 6 -> runTanh(address, n);
      case 7 -> runMish(address, n);
      default -> { }
    }
  }

  private static void runRelu(long address, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector x = load(address + i * 4L, mask);
      // NaN stays: the comparison is false for it.
      store(x.blend(0f, x.compare(VectorOperators.LT, 0f)), address + i * 4L, mask);
    }
  }

  private static void runSilu(long address, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      store(silu(load(address + i * 4L, mask)), address + i * 4L, mask);
    }
  }

  private static void runGeluTanh(long address, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      store(geluTanh(load(address + i * 4L, mask)), address + i * 4L, mask);
    }
  }

  private static void runGeluErf(long address, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      store(geluErf(load(address + i * 4L, mask)), address + i * 4L, mask);
    }
  }

  private static void runSigmoid(long address, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      store(sigmoid(load(address + i * 4L, mask)), address + i * 4L, mask);
    }
  }

  private static void runTanh(long address, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      store(VectorMath.tanh(load(address + i * 4L, mask)), address + i * 4L, mask);
    }
  }

  private static void runMish(long address, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      store(mish(load(address + i * 4L, mask)), address + i * 4L, mask);
    }
  }

  /** 1 / (1 + e⁻ˣ). */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector one = FloatVector.broadcast(F, 1f);
    return one.div(VectorMath.exp(x.neg()).add(one));
  }

  /** x · sigmoid(x). */
  static FloatVector silu(FloatVector x) {
    return x.div(VectorMath.exp(x.neg()).add(1f));
  }

  /** (1 + tanh u) / 2 = sigmoid(2u): one exponential instead of a hyperbolic tangent, and accurate far below zero. */
  private static FloatVector geluTanh(FloatVector x) {
    FloatVector cubic = x.mul(x).fma(0.044715f, 1f).mul(x);
    return x.div(VectorMath.exp(cubic.mul(-2 * SQRT_2_OVER_PI)).add(1f));
  }

  /** x Φ(x) = x/2 · erfc(−x/√2), which keeps its relative accuracy far below zero. */
  static FloatVector geluErf(FloatVector x) {
    return x.mul(0.5f).mul(erfc(x.mul(-SQRT_HALF)));
  }

  /**
   * Complementary error function with the rational Chebyshev fit published in Numerical Recipes ({@code erfcc}): relative error below 1.2e-7.
   */
  private static FloatVector erfc(FloatVector x) {
    FloatVector z = x.abs();
    FloatVector t = FloatVector.broadcast(F, 1f).div(z.mul(0.5f).add(1f));
    FloatVector p = t.fma(0.17087277f, -0.82215223f);
    p = p.fma(t, FloatVector.broadcast(F, 1.48851587f));
    p = p.fma(t, FloatVector.broadcast(F, -1.13520398f));
    p = p.fma(t, FloatVector.broadcast(F, 0.27886807f));
    p = p.fma(t, FloatVector.broadcast(F, -0.18628806f));
    p = p.fma(t, FloatVector.broadcast(F, 0.09678418f));
    p = p.fma(t, FloatVector.broadcast(F, 0.37409196f));
    p = p.fma(t, FloatVector.broadcast(F, 1.00002368f));
    p = p.fma(t, FloatVector.broadcast(F, -1.26551223f));
    FloatVector tail = t.mul(VectorMath.exp(p.sub(z.mul(z))));
    VectorMask<Float> negative = x.compare(VectorOperators.LT, 0f);
    return tail.blend(FloatVector.broadcast(F, 2f).sub(tail), negative);
  }

  /** With w = (1 + eˣ)², tanh(ln(1 + eˣ)) = (w − 1)/(w + 1); for x above 20 it is 1 in float. */
  private static FloatVector mish(FloatVector x) {
    VectorMask<Float> large = x.compare(VectorOperators.GT, 20f);
    FloatVector e = VectorMath.exp(x.blend(20f, large));
    FloatVector n = e.mul(e.add(2f));
    FloatVector y = x.mul(n.div(n.add(2f)));
    return y.blend(x, large);
  }
}
