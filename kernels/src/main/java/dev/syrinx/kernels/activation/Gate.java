package dev.syrinx.kernels.activation;

/** Gated units over the two halves of a row, by the number that kernels receive. */
public enum Gate {
  /** first · sigmoid(second). */
  GLU,
  /** gelu_erf(second) · first. */
  GEGLU,
  /** silu(first) · second. */
  SWIGLU,
  /** tanh(first) · sigmoid(second): WaveNet's. */
  TANH;

  private static final Gate[] ALL = values();

  /** The number that stands for this unit in kernel arguments. */
  public int id() {
    return ordinal();
  }

  /** The unit of a number. */
  public static Gate of(int id) {
    return ALL[id];
  }

  /** The unit, in double. */
  public double apply(double first, double second) {
    return switch (this) {
      case GLU -> first * Activation.SIGMOID.apply(second);
      case GEGLU -> Activation.GELU_ERF.apply(second) * first;
      case SWIGLU -> Activation.SILU.apply(first) * second;
      case TANH -> Math.tanh(first) * Activation.SIGMOID.apply(second);
    };
  }
}
