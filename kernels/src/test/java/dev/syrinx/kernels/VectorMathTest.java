package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** The functions against those of {@link Math} in double, and the promise that compilation does not change a bit. */
final class VectorMathTest {
  private static final int COUNT = 4096;

  @Test
  void expIsAccurate() {
    worst(VectorMath::exp, Math::exp, -87f, 88f, 1.5e-7);
    worst(VectorMath::exp, Math::exp, -1e-3f, 1e-3f, 1.5e-7);
    worst(VectorMath::expOfNegative, Math::exp, -87f, 0f, 1.5e-7);
  }

  @Test
  void tanhIsAccurateEvenNearZero() {
    worst(VectorMath::tanh, Math::tanh, -10f, 10f, 3e-7);
    worst(VectorMath::tanh, Math::tanh, -1e-3f, 1e-3f, 3e-7);
  }

  @Test
  void endsOfTheRange() {
    assertEquals(0f, first(VectorMath::exp, Float.NEGATIVE_INFINITY));
    assertEquals(0f, first(VectorMath::exp, -100f));
    assertEquals(Float.POSITIVE_INFINITY, first(VectorMath::exp, 89f));
    assertEquals(Float.POSITIVE_INFINITY, first(VectorMath::exp, Float.POSITIVE_INFINITY));
    assertEquals(Float.NaN, first(VectorMath::exp, Float.NaN));
    assertEquals(0f, first(VectorMath::expOfNegative, Float.NEGATIVE_INFINITY));
    assertEquals(Float.NaN, first(VectorMath::expOfNegative, Float.NaN));
    assertEquals(-1f, first(VectorMath::tanh, Float.NEGATIVE_INFINITY));
    assertEquals(Float.NaN, first(VectorMath::tanh, Float.NaN));
  }

  @Test
  void reductionsTakeEveryLane() {
    float[] lanes = new float[Species.LANES];
    float sum = 0;
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = i % 2 == 0 ? -i - 1 : -100 + i;
      sum += lanes[i];
    }
    FloatVector v = FloatVector.fromArray(Species.F, lanes, 0);
    assertEquals(sum, VectorMath.sum(v), 1e-3);
    assertEquals(-1f, VectorMath.max(v));
    assertEquals(7f, VectorMath.max(v.withLane(Species.LANES - 1, 7f)));
    assertEquals(Float.NEGATIVE_INFINITY, VectorMath.max(FloatVector.broadcast(Species.F, Float.NEGATIVE_INFINITY)));
  }

  /** Interpreted first, then many times, as the compilers take over. */
  @Test
  void compilationChangesNoBit() {
    float[] exp = sample(VectorMath::exp, -20f, 20f);
    float[] tanh = sample(VectorMath::tanh, -3f, 3f);
    for (int i = 0; i < 60; i++) {
      assertArrayEquals(exp, sample(VectorMath::exp, -20f, 20f));
      assertArrayEquals(tanh, sample(VectorMath::tanh, -3f, 3f));
    }
  }

  private static float first(UnaryOperator<FloatVector> function, float x) {
    return function.apply(FloatVector.broadcast(Species.F, x)).lane(0);
  }

  private static float[] sample(UnaryOperator<FloatVector> function, float from, float to) {
    float[] x = new float[COUNT];
    for (int i = 0; i < COUNT; i++) {
      x[i] = from + (to - from) * i / (COUNT - 1);
    }
    for (int i = 0; i < COUNT; i += Species.LANES) {
      function.apply(FloatVector.fromArray(Species.F, x, i)).intoArray(x, i);
    }
    return x;
  }

  private static void worst(UnaryOperator<FloatVector> function, DoubleUnaryOperator exact, float from, float to, double limit) {
    float[] y = sample(function, from, to);
    for (int i = 0; i < COUNT; i++) {
      double want = exact.applyAsDouble(from + (to - from) * i / (COUNT - 1));
      double error = want == 0 ? Math.abs(y[i]) : Math.abs(y[i] / want - 1);
      int at = i;
      assertTrue(error <= limit, () -> "sample " + at + ": " + y[at] + " instead of " + want + ", relative error " + error);
    }
  }
}
