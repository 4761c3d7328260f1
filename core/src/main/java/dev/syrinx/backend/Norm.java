package dev.syrinx.backend;

import dev.syrinx.tensor.Tensor;
import java.util.Optional;

/**
 * Gain and shift of a normalisation.
 *
 * @param weight {@code [d]}; absent means 1
 * @param bias {@code [d]}; absent means 0
 * @param eps added to the variance (or mean square) before the root
 */
public record Norm(Optional<Tensor> weight, Optional<Tensor> bias, float eps) {
  /** With gain and shift. */
  public static Norm affine(Tensor weight, Tensor bias, float eps) {
    return new Norm(Optional.of(weight), Optional.of(bias), eps);
  }

  /** With a gain only. */
  public static Norm gain(Tensor weight, float eps) {
    return new Norm(Optional.of(weight), Optional.empty(), eps);
  }

  /** Neither. */
  public static Norm bare(float eps) {
    return new Norm(Optional.empty(), Optional.empty(), eps);
  }
}
