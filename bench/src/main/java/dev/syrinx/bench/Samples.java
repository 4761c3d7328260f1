package dev.syrinx.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Times of one configuration: median with a 95 % bootstrap interval. */
public final class Samples {
  private static final int RESAMPLES = 2000;

  private final double[] values;

  /** Times in any order. */
  public Samples(double... values) {
    this.values = values.clone();
    Arrays.sort(this.values);
  }

  public double median() {
    return median(values);
  }

  public double min() {
    return values[0];
  }

  public double max() {
    return values[values.length - 1];
  }

  /** Bounds between which the median lies in 95 % of resamples; seeded, so that a report is repeatable. */
  public double[] interval() {
    SplittableRandom random = new SplittableRandom(values.length);
    double[] medians = new double[RESAMPLES];
    double[] sample = new double[values.length];
    for (int r = 0; r < RESAMPLES; r++) {
      for (int i = 0; i < sample.length; i++) {
        sample[i] = values[random.nextInt(values.length)];
      }
      Arrays.sort(sample);
      medians[r] = median(sample);
    }
    Arrays.sort(medians);
    return new double[] {medians[(int) (RESAMPLES * 0.025)], medians[(int) (RESAMPLES * 0.975)]};
  }

  private static double median(double[] sorted) {
    int n = sorted.length;
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  }

  /** For a report. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("median", round(median()));
    json.put("interval95", Arrays.stream(interval()).map(Samples::round).toArray());
    json.put("min", round(min()));
    json.put("max", round(max()));
    json.put("n", values.length);
    return json;
  }

  static double round(double v) {
    return v == 0 ? 0 : new java.math.BigDecimal(v).round(new java.math.MathContext(4)).doubleValue();
  }
}
