package dev.syrinx.backend;

import dev.syrinx.tensor.Tensor;
import java.util.Optional;

/**
 * A packed weight matrix with what belongs to it; also a convolution over time-major rows, whose taps lie one after the other in k.
 *
 * @param weight logical {@code [n, k]}, in the backend's layout and the chosen storage type
 * @param scale {@code [n]} of int8 weights
 * @param bias {@code [n]}
 */
public record Linear(Tensor weight, Optional<Tensor> scale, Optional<Tensor> bias) {
  /** Outputs. */
  public int n() {
    return weight.dim(0);
  }

  /** Inputs; for a convolution channels times taps. */
  public int k() {
    return weight.dim(1);
  }

  /** The same product without bias. */
  public Linear withoutBias() {
    return new Linear(weight, scale, Optional.empty());
  }
}
