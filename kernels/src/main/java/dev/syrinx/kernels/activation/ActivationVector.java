package dev.syrinx.kernels.activation;

import static dev.syrinx.kernels.Memory.ALL;
import static dev.syrinx.kernels.Memory.copy;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.syrinx.kernels.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector forms of {@link Activation}, over runs of floats in place.
 *
 * <p>One loop for each function on purpose: a switch inside a loop inlines all of them into one method, which passes C2's limits, and then
 * every vector is allocated. For the same reason loops are over whole vectors, without masks, and use the Vector API directly (see
 * {@link dev.syrinx.kernels.Memory}).
 */
public final class ActivationVector {
  private static final FloatVector ZERO = constant(0);
  private static final FloatVector HALF = constant(0.5);
  private static final FloatVector ONE = constant(1);
  private static final FloatVector TWO = constant(2);
  private static final FloatVector MISH_LARGE = constant(20);
  private static final FloatVector MINUS_SQRT_HALF = constant(-Math.sqrt(0.5));
  private static final FloatVector GELU_LINEAR = constant(-2 * Math.sqrt(2 / Math.PI));
  private static final FloatVector GELU_CUBIC = constant(-2 * Math.sqrt(2 / Math.PI) * 0.044715);
  private static final FloatVector ERFC_0 = constant(-1.26551223);
  private static final FloatVector ERFC_1 = constant(1.00002368);
  private static final FloatVector ERFC_2 = constant(0.37409196);
  private static final FloatVector ERFC_3 = constant(0.09678418);
  private static final FloatVector ERFC_4 = constant(-0.18628806);
  private static final FloatVector ERFC_5 = constant(0.27886807);
  private static final FloatVector ERFC_6 = constant(-1.13520398);
  private static final FloatVector ERFC_7 = constant(1.48851587);
  private static final FloatVector ERFC_8 = constant(-0.82215223);
  private static final FloatVector ERFC_9 = constant(0.17087277);

  private ActivationVector() {}

  /**
   * The function of number {@code id} over {@code n} floats in place.
   *
   * @param spare address of one vector of scratch memory, for the last floats that fill none
   */
  public static void run(int id, long address, int n, long spare) {
    int whole = n & -LANES;
    run(id, address, whole);
    if (whole < n && id != 0) {
      long tail = address + whole * 4L;
      copy(tail, spare, n - whole);
      run(id, spare, LANES);
      copy(spare, tail, n - whole);
    }
  }

  /** The function of number {@code id} over {@code n} floats in place; n must be a multiple of the lanes. */
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
    for (long p = address; p < address + n * 4L; p += LANES * 4L) {
      relu(FloatVector.fromMemorySegment(F, ALL, p, LITTLE_ENDIAN)).intoMemorySegment(ALL, p, LITTLE_ENDIAN);
    }
  }

  private static void runSilu(long address, int n) {
    for (long p = address; p < address + n * 4L; p += LANES * 4L) {
      silu(FloatVector.fromMemorySegment(F, ALL, p, LITTLE_ENDIAN)).intoMemorySegment(ALL, p, LITTLE_ENDIAN);
    }
  }

  private static void runGeluTanh(long address, int n) {
    for (long p = address; p < address + n * 4L; p += LANES * 4L) {
      geluTanh(FloatVector.fromMemorySegment(F, ALL, p, LITTLE_ENDIAN)).intoMemorySegment(ALL, p, LITTLE_ENDIAN);
    }
  }

  private static void runGeluErf(long address, int n) {
    for (long p = address; p < address + n * 4L; p += LANES * 4L) {
      geluErf(FloatVector.fromMemorySegment(F, ALL, p, LITTLE_ENDIAN)).intoMemorySegment(ALL, p, LITTLE_ENDIAN);
    }
  }

  private static void runSigmoid(long address, int n) {
    for (long p = address; p < address + n * 4L; p += LANES * 4L) {
      sigmoid(FloatVector.fromMemorySegment(F, ALL, p, LITTLE_ENDIAN)).intoMemorySegment(ALL, p, LITTLE_ENDIAN);
    }
  }

  private static void runTanh(long address, int n) {
    for (long p = address; p < address + n * 4L; p += LANES * 4L) {
      VectorMath.tanh(FloatVector.fromMemorySegment(F, ALL, p, LITTLE_ENDIAN)).intoMemorySegment(ALL, p, LITTLE_ENDIAN);
    }
  }

  private static void runMish(long address, int n) {
    for (long p = address; p < address + n * 4L; p += LANES * 4L) {
      mish(FloatVector.fromMemorySegment(F, ALL, p, LITTLE_ENDIAN)).intoMemorySegment(ALL, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector constant(double value) {
    return FloatVector.broadcast(F, (float) value);
  }

  /** NaN stays: the comparison is false for it. */
  private static FloatVector relu(FloatVector x) {
    return x.blend(ZERO, x.compare(VectorOperators.LT, ZERO));
  }

  /** 1 / (1 + e⁻ˣ). */
  static FloatVector sigmoid(FloatVector x) {
    return ONE.div(VectorMath.exp(x.neg()).add(ONE));
  }

  /** x · sigmoid(x). */
  static FloatVector silu(FloatVector x) {
    return x.div(VectorMath.exp(x.neg()).add(ONE));
  }

  /** (1 + tanh u) / 2 = sigmoid(2u): one exponential instead of a hyperbolic tangent, and accurate far below zero. */
  private static FloatVector geluTanh(FloatVector x) {
    FloatVector twice = x.mul(x).fma(GELU_CUBIC, GELU_LINEAR).mul(x);
    return x.div(VectorMath.exp(twice).add(ONE));
  }

  /** x Φ(x) = x/2 · erfc(−x/√2), which keeps its relative accuracy far below zero. */
  static FloatVector geluErf(FloatVector x) {
    return x.mul(HALF).mul(erfc(x.mul(MINUS_SQRT_HALF)));
  }

  /**
   * Complementary error function with the rational Chebyshev fit published in Numerical Recipes ({@code erfcc}): relative error below
   * 1.2e-7.
   */
  private static FloatVector erfc(FloatVector x) {
    FloatVector z = x.abs();
    FloatVector t = ONE.div(z.fma(HALF, ONE));
    FloatVector p = ERFC_9
        .fma(t, ERFC_8).fma(t, ERFC_7).fma(t, ERFC_6).fma(t, ERFC_5).fma(t, ERFC_4).fma(t, ERFC_3).fma(t, ERFC_2).fma(t, ERFC_1);
    FloatVector tail = t.mul(VectorMath.expOfNegative(p.fma(t, ERFC_0).sub(z.mul(z))));
    return tail.blend(TWO.sub(tail), x.compare(VectorOperators.LT, ZERO));
  }

  /** With w = (1 + eˣ)², tanh(ln(1 + eˣ)) = (w − 1)/(w + 1); for x above 20 it is 1 in float. */
  private static FloatVector mish(FloatVector x) {
    VectorMask<Float> large = x.compare(VectorOperators.GT, MISH_LARGE);
    FloatVector e = VectorMath.exp(x.blend(MISH_LARGE, large));
    FloatVector n = e.fma(e, e.add(e));
    return x.mul(n.div(n.add(TWO))).blend(x, large);
  }
}
