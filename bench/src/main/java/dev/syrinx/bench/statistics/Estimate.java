package dev.syrinx.bench.statistics;

import org.apache.commons.math3.distribution.TDistribution;

/**
 * A positive quantity with its uncertainty, both on a logarithmic scale.
 *
 * @param log natural logarithm of the value
 * @param variance of the logarithm
 * @param degrees of freedom with which the variance is known; 0 if nothing is known about it
 */
public record Estimate(double log, double variance, double degrees) {
  private static final double UPPER = 0.975;

  /** An estimate of whose spread nothing is known. */
  static Estimate unbounded(double log) {
    return new Estimate(log, 0, 0);
  }

  public double value() {
    return Math.exp(log);
  }

  /** Whether there is an interval. */
  public boolean bounded() {
    return degrees > 0;
  }

  /** Lower bound of the 95 % interval by Student's distribution; the value itself where there is none. */
  public double low() {
    return Math.exp(log - half());
  }

  /** Upper bound. */
  public double high() {
    return Math.exp(log + half());
  }

  private double half() {
    return bounded() ? new TDistribution(null, degrees).inverseCumulativeProbability(UPPER) * Math.sqrt(variance) : 0;
  }

  /**
   * The ratio of two that know nothing of each other, with the degrees of freedom of the one that is known worse: those of Welch and Satterthwaite, with variances that are drawn to common ones, hold
   * the truth in 94.6 of 100 where this holds it in more than 95.
   */
  public Estimate over(Estimate other) {
    return bounded() && other.bounded() ? new Estimate(log - other.log, variance + other.variance, Math.min(degrees, other.degrees)) : unbounded(log - other.log);
  }

  /** The same, nothing claimed about its spread. */
  public Estimate withoutInterval() {
    return unbounded(log);
  }

  /** A value whose variance is the sum of two others', by Welch and Satterthwaite. */
  static Estimate sum(double log, Estimate one, Estimate other) {
    double sum = one.variance + other.variance;
    double spread = square(one.variance) / one.degrees + square(other.variance) / other.degrees;
    return new Estimate(log, sum, sum == 0 ? Math.min(one.degrees, other.degrees) : square(sum) / spread);
  }

  private static double square(double v) {
    return v * v;
  }
}
