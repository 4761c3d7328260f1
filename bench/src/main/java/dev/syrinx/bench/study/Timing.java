package dev.syrinx.bench.study;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.syrinx.bench.Samples;
import java.util.List;

/**
 * One quantity that was taken several times.
 *
 * @param unit s, us, 1/s or 1
 * @param samples in the order of the rounds
 * @param median of the samples
 * @param low lower bound of the median, of the 95 % bootstrap interval
 * @param high upper bound
 */
public record Timing(String unit, List<Double> samples, double median, double low, double high) {
  /** Copies the samples. */
  public Timing {
    samples = List.copyOf(samples);
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("a timing needs at least one sample");
    }
  }

  /** Computes the median and its interval. */
  public static Timing of(String unit, List<Double> samples) {
    Samples statistics = new Samples(samples.stream().mapToDouble(Double::doubleValue).toArray());
    double[] interval = statistics.interval();
    return new Timing(unit, samples, statistics.median(), interval[0], interval[1]);
  }

  /** Half the interval as a share of the median; 0 where the median is. */
  @JsonIgnore
  public double spread() {
    return median == 0 ? 0 : (high - low) / 2 / median;
  }
}
