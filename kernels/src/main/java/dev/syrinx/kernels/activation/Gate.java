package dev.syrinx.kernels.activation;

import java.util.Arrays;
import java.util.Comparator;

/** Gated units over the two halves of a row, by the number that kernels receive. */
public enum Gate {
  /** first · sigmoid(second). */
  GLU(0),
  /** gelu_erf(second) · first. */
  GEGLU(1),
  /** silu(first) · second. */
  SWIGLU(2),
  /** tanh(first) · sigmoid(second): WaveNet's. */
  TANH(3);

  private static final Gate[] BY_ID = Arrays.stream(values()).sorted(Comparator.comparingInt(Gate::id)).toArray(Gate[]::new);

  private final int id;

  Gate(int id) {
    this.id = id;
  }

  /** The number that stands for this unit in kernel arguments. */
  public int id() {
    return id;
  }

  /** The unit of a number. */
  public static Gate of(int id) {
    return BY_ID[id];
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
