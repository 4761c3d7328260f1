package dev.syrinx.bench.report;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The ratio of two medians with the interval in which it lies in 95 % of resamples of both sides, and whether the sides differ: the interval
 * leaves out 1, and the exact rank test of Mann and Whitney gives equal sides less than 5 %. The interval alone is too narrow for very few
 * samples, which the rank test is not; with three a side it can never say so.
 *
 * @param value median over median
 * @param low lower bound
 * @param high upper bound
 * @param chance how often equal sides would lie at least this far apart in rank
 * @param samples of the side that has fewer
 */
public record Ratio(double value, double low, double high, double chance, int samples) {
  /** Samples a side that a verdict needs. */
  public static final int FEWEST = 4;

  private static final double LEVEL = 0.05;
  private static final int RESAMPLES = 2000;

  /**
   * Of positive samples; seeded, so that a report is repeatable.
   *
   * @throws IllegalArgumentException if a side has none, or one that is not positive
   */
  public static Ratio of(List<Double> over, List<Double> under) {
    double[] a = positive(over);
    double[] b = positive(under);
    SplittableRandom random = new SplittableRandom(31L * a.length + b.length);
    double[] ratios = new double[RESAMPLES];
    double[] one = new double[a.length];
    double[] other = new double[b.length];
    for (int r = 0; r < RESAMPLES; r++) {
      ratios[r] = resampled(a, one, random) / resampled(b, other, random);
    }
    Arrays.sort(ratios);
    return new Ratio(
        median(a.clone()) / median(b.clone()), ratios[(int) (RESAMPLES * 0.025)], ratios[(int) (RESAMPLES * 0.975)],
        RankTest.chance(a, b), Math.min(a.length, b.length));
  }

  /** Whether the sides differ, by the interval and by the ranks. */
  public boolean differs() {
    return samples >= FEWEST && chance < LEVEL && (low > 1 || high < 1);
  }

  /** The value with its bounds and what a reader must know beside; bounds of too few samples mean nothing and are left out. */
  String words() {
    String bounds = samples < FEWEST ? "" : " (" + Show.bounds(low, high) + ")";
    return Show.times(value) + bounds + (differs() ? "" : ", " + doubt());
  }

  /** Lower end of what is drawn as interval: the value itself where there are too few samples. */
  double drawnLow() {
    return samples < FEWEST ? value : low;
  }

  /** Upper end of what is drawn as interval. */
  double drawnHigh() {
    return samples < FEWEST ? value : high;
  }

  /** What a reader must know beside the value: nothing where the sides differ. */
  String doubt() {
    return differs() ? "" : samples < FEWEST ? "too few rounds for a verdict" : "no difference shown";
  }

  /** The other way round. */
  public Ratio inverse() {
    return new Ratio(1 / value, 1 / high, 1 / low, chance, samples);
  }

  private static double resampled(double[] from, double[] into, SplittableRandom random) {
    for (int i = 0; i < into.length; i++) {
      into[i] = from[random.nextInt(from.length)];
    }
    return median(into);
  }

  /** Sorts the values. */
  private static double median(double[] values) {
    Arrays.sort(values);
    int n = values.length;
    return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
  }

  private static double[] positive(List<Double> samples) {
    double[] values = samples.stream().mapToDouble(Double::doubleValue).toArray();
    if (values.length == 0 || !Arrays.stream(values).allMatch(v -> v > 0 && Double.isFinite(v))) {
      throw new IllegalArgumentException("a ratio needs positive samples on both sides, got " + samples);
    }
    return values;
  }
}
