package dev.syrinx.verify;

import java.util.Arrays;
import java.util.List;

/** How close the draws of each step were: the smallest gap between neighbours among the drawn and the first that was not. */
final class Draws {
  /** What stands for the logarithm of 0. */
  private static final double LOG_OF_ZERO = -1000;

  private static final float NO_BEAM = -1e9f;

  private Draws() {}

  /**
   * @param scores of each step, {@code [beams·vocabulary]}
   * @param beamScores after each step
   * @param draws of each step: only their number counts here
   * @param noise of each step
   */
  static float[] margins(List<float[]> scores, List<float[]> beamScores, List<int[]> draws, float[][] noise) {
    float[] margins = new float[scores.size()];
    for (int step = 0; step < margins.length; step++) {
      double[] values = total(scores.get(step), step == 0 ? first(beamScores.get(0).length) : beamScores.get(step - 1));
      logProbabilities(values);
      for (int i = 0; i < values.length; i++) {
        values[i] += noise[step][i];
      }
      margins[step] = smallestGap(values, draws.get(step).length);
    }
    return margins;
  }

  /** Before the first step all beams are equal, and only the first counts. */
  private static float[] first(int beams) {
    float[] scores = new float[Math.max(1, beams)];
    Arrays.fill(scores, 1, scores.length, NO_BEAM);
    return scores;
  }

  private static double[] total(float[] scores, float[] beams) {
    double[] values = new double[scores.length];
    int each = scores.length / Math.max(1, beams.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = scores[i] + (beams.length > 1 ? beams[i / each] : 0);
    }
    return values;
  }

  private static void logProbabilities(double[] values) {
    double most = Arrays.stream(values).max().orElse(0);
    double sum = Arrays.stream(values).map(v -> Math.exp(v - most)).sum();
    for (int i = 0; i < values.length; i++) {
      double log = values[i] - most - Math.log(sum);
      values[i] = (float) Math.exp(log) == 0f ? LOG_OF_ZERO : log;
    }
  }

  private static float smallestGap(double[] values, int drawn) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double smallest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < drawn; i++) {
      smallest = Math.min(smallest, sorted[sorted.length - 1 - i] - sorted[sorted.length - 2 - i]);
    }
    return (float) smallest;
  }
}
