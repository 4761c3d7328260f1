package dev.syrinx.bench.study;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.syrinx.bench.statistics.Estimate;
import java.util.List;

/**
 * One quantity that was taken several times.
 *
 * @param unit s, us, 1/s or 1
 * @param samples in the order of {@link StudyRecord.Conditions#runs}
 * @param median what is typical: on a logarithmic scale, the mean over the processes of each one's median
 * @param low lower bound of its 95 % interval; the median itself where nothing bounds it
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

  /** The plain median, with no interval yet: that needs the other cells, see {@link Intervals}. */
  public static Timing of(String unit, List<Double> samples) {
    double[] sorted = samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int n = sorted.length;
    double median = n == 0 ? 0 : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    return new Timing(unit, samples, median, median, median);
  }

  /** The same with what the whole study says about it. */
  Timing with(Estimate estimate) {
    return new Timing(unit, samples, estimate.value(), estimate.low(), estimate.high());
  }

  /** Whether there is an interval. */
  @JsonIgnore
  public boolean bounded() {
    return low < high;
  }

  /** Half the interval as a share of the median; 0 where the median is. */
  @JsonIgnore
  public double spread() {
    return median == 0 ? 0 : (high - low) / 2 / median;
  }
}
