package dev.syrinx.model.emotion;

import dev.syrinx.text.emotion.EmotionLabel;
import dev.syrinx.text.emotion.EmotionVector;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Stored emotion vectors, some for each {@link EmotionLabel}, each with the style of the speaker it was taken from. A mixture takes of each
 * emotion the row whose speaker is most like the one that is to speak. Small enough for the host.
 */
public final class EmotionMatrix {
  private static final int EMOTIONS = EmotionLabel.values().length;

  private static final double COSINE_EPS = 1e-8;

  private final float[] styles;
  private final float[] emotions;
  private final int styleWidth;
  private final int width;
  private final int[] starts;

  /**
   * @param styles {@code [rows, style]}
   * @param emotions {@code [rows, d]}
   * @param groups rows of each emotion, in order
   * @throws CheckpointException if the matrices and the groups do not belong together
   */
  public EmotionMatrix(StoredTensor styles, StoredTensor emotions, List<Integer> groups) {
    int rows = groups.stream().mapToInt(Integer::intValue).sum();
    if (styles.rank() != 2 || emotions.rank() != 2 || styles.dim(0) != rows || emotions.dim(0) != rows) {
      throw new CheckpointException("emotion matrices %s and %s should have as many rows as emo_num %s of the configuration says: %d"
          .formatted(styles.shape(), emotions.shape(), groups, rows));
    }
    if (groups.size() != EMOTIONS || groups.stream().anyMatch(count -> count < 1)) {
      throw new CheckpointException(
          "emo_num of the configuration should give at least one row for each of " + EMOTIONS + " emotions, is " + groups);
    }
    this.styles = styles.toFloats();
    this.emotions = emotions.toFloats();
    styleWidth = styles.dim(1);
    width = emotions.dim(1);
    starts = new int[EMOTIONS + 1];
    for (int g = 0; g < EMOTIONS; g++) {
      starts[g + 1] = starts[g] + groups.get(g);
    }
  }

  /** Width of a speaker's style. */
  public int styleWidth() {
    return styleWidth;
  }

  /** Width of an emotion vector. */
  public int width() {
    return width;
  }

  /**
   * The row of each group whose speaker is most like the given one: greatest cosine, the first on a tie.
   *
   * @param style of the speaker
   * @return index within the group
   */
  public int[] nearest(float[] style) {
    if (style.length != styleWidth) {
      throw new IllegalArgumentException("a speaker style of " + style.length + " numbers; the emotion matrices want " + styleWidth);
    }
    int[] chosen = new int[EMOTIONS];
    for (int g = 0; g < EMOTIONS; g++) {
      double best = Double.NEGATIVE_INFINITY;
      for (int row = starts[g]; row < starts[g + 1]; row++) {
        double cosine = cosine(style, row);
        if (cosine > best) {
          best = cosine;
          chosen[g] = row - starts[g];
        }
      }
    }
    return chosen;
  }

  /** Any row of each group. */
  public int[] random(RandomGenerator chance) {
    int[] chosen = new int[EMOTIONS];
    for (int g = 0; g < EMOTIONS; g++) {
      chosen[g] = chance.nextInt(starts[g + 1] - starts[g]);
    }
    return chosen;
  }

  private double cosine(float[] style, int row) {
    double dot = 0;
    double a = 0;
    double b = 0;
    for (int i = 0; i < styleWidth; i++) {
      double stored = styles[row * styleWidth + i];
      dot += style[i] * stored;
      a += (double) style[i] * style[i];
      b += stored * stored;
    }
    return dot / (Math.max(Math.sqrt(a), COSINE_EPS) * Math.max(Math.sqrt(b), COSINE_EPS));
  }

  /**
   * Σ weight · chosen row: {@code [d]}.
   *
   * @param weights scaled already
   * @param chosen row of each group
   */
  public float[] mix(EmotionVector weights, int[] chosen) {
    float[] sum = new float[width];
    for (int g = 0; g < EMOTIONS; g++) {
      int row = (starts[g] + chosen[g]) * width;
      for (int i = 0; i < width; i++) {
        sum[i] += weights.weights().get(g).floatValue() * emotions[row + i];
      }
    }
    return sum;
  }

  /**
   * The emotion vector of a mixture: mix + (1 − Σ weights)·recorded. Nothing limits the sum: above 1 the recorded emotion is subtracted, as
   * in the reference.
   *
   * @param mix of {@link #mix}
   * @param recorded emotion of the prompt {@code [d]}
   */
  public static float[] blend(EmotionVector weights, float[] mix, float[] recorded) {
    if (mix.length != recorded.length) {
      throw new IllegalArgumentException(
          "emotion vectors of " + mix.length + " and " + recorded.length + " numbers; the files belong to different models");
    }
    float sum = 0;
    for (Double weight : weights.weights()) {
      sum += weight.floatValue();
    }
    float[] blended = mix.clone();
    for (int i = 0; i < blended.length; i++) {
      blended[i] += (1 - sum) * recorded[i];
    }
    return blended;
  }
}
