package dev.syrinx.text.emotion;

import dev.syrinx.text.TextException;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * One weight for each {@link EmotionLabel}, in its order. Nothing limits their sum: above 1 the emotion of the voice itself is subtracted.
 *
 * @param weights eight numbers from -100 to 100
 */
public record EmotionVector(List<Double> weights) {
  private static final double MOST = 0.8;

  /** Far above any use, and far below what makes the sums of a model overflow. */
  private static final double LARGEST = 100;

  public EmotionVector {
    weights = List.copyOf(weights);
    if (weights.size() != EmotionLabel.values().length) {
      throw new TextException("an emotion vector has 8 weights (happy, angry, sad, afraid, disgusted, melancholic, surprised, calm), not "
          + weights.size());
    }
    for (EmotionLabel label : EmotionLabel.values()) {
      double weight = weights.get(label.index());
      if (!(Math.abs(weight) <= LARGEST)) {
        throw new TextException(
            "the emotion weight for " + label.english() + " is " + weight + "; give a number from -100 to 100, usually 0 to 1");
      }
    }
  }

  /** A vector of eight weights. */
  public static EmotionVector of(double... weights) {
    return new EmotionVector(DoubleStream.of(weights).boxed().toList());
  }

  /** The weight of one emotion. */
  public double weight(EmotionLabel label) {
    return weights.get(label.index());
  }

  /** The sum of the weights, added from left to right. */
  public double sum() {
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    return sum;
  }

  /** The weights as an array, for arithmetic. */
  public double[] toArray() {
    return weights.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * The vector as synthesis uses it: alpha is limited to 0..1, and unless it is 1 each product is cut to four decimals, towards zero.
   */
  public EmotionVector scaled(double alpha) {
    if (Double.isNaN(alpha)) {
      throw new TextException("the emotion alpha is not a number; give one from 0 to 1");
    }
    double scale = Math.clamp(alpha, 0.0, 1.0);
    if (scale == 1.0) {
      return this;
    }
    return new EmotionVector(weights.stream().map(weight -> (long) (weight * scale * 10_000) / 10_000.0).toList());
  }

  /**
   * What the reference's web page does to weights set by hand, and nothing else does: damp them by fixed factors if asked to, then scale
   * the sum down to 0.8 where it is larger.
   */
  public EmotionVector balanced(boolean damped) {
    double[] result = toArray();
    for (EmotionLabel label : EmotionLabel.values()) {
      result[label.index()] *= damped ? label.bias() : 1;
    }
    double sum = EmotionVector.of(result).sum();
    double scale = sum > MOST ? MOST / sum : 1;
    return EmotionVector.of(DoubleStream.of(result).map(weight -> weight * scale).toArray());
  }
}
