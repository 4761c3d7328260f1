package dev.syrinx.kernels.activation;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Element-wise functions of the model, by the number that kernels receive. Scalar forms in double: the specification of the vector forms.
 */
public enum Activation {
  NONE(0), RELU(1),
  /** x · sigmoid(x), also called swish. */
  SILU(2),
  /** 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))): GPT-2's {@code gelu_new}. */
  GELU_TANH(3),
  /** x Φ(x) with the exact normal distribution function. */
  GELU_ERF(4), SIGMOID(5), TANH(6),
  /** x · tanh(ln(1 + eˣ)). */
  MISH(7);

  private static final Activation[] BY_ID =
      Arrays.stream(values()).sorted(Comparator.comparingInt(Activation::id)).toArray(Activation[]::new);
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

  private final int id;

  Activation(int id) {
    this.id = id;
  }

  /** The number that stands for this function in kernel arguments. */
  public int id() {
    return id;
  }

  /** The function of a number. */
  public static Activation of(int id) {
    return BY_ID[id];
  }

  /** The function, in double. */
  public double apply(double x) {
    return switch (this) {
      case NONE -> x;
      case RELU -> x > 0 || Double.isNaN(x) ? x : 0;
      case SILU -> x * sigmoid(x);
      case GELU_TANH -> 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)));
      case GELU_ERF -> x == Double.NEGATIVE_INFINITY ? Double.NaN : 0.5 * x * erfc(-x / Math.sqrt(2));
      case SIGMOID -> sigmoid(x);
      case TANH -> Math.tanh(x);
      case MISH -> x * Math.tanh(x > 30 ? x : Math.log1p(Math.exp(x)));
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** Complementary error function: the power series of erf near zero, a continued fraction outside; relative error below 1e-14. */
  static double erfc(double x) {
    double z = Math.abs(x);
    double tail = z < 2 ? 1 - series(z) : fraction(z);
    return Double.isNaN(x) ? x : x >= 0 ? tail : 2 - tail;
  }

  private static double series(double z) {
    double term = z;
    double sum = z;
    for (int n = 1; n < 80; n++) {
      term *= -z * z / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  private static double fraction(double z) {
    if (z > 27) {
      return 0;
    }
    double f = 0;
    for (int n = 120; n >= 1; n--) {
      f = n / 2.0 / (z + f);
    }
    return Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + f);
  }
}
