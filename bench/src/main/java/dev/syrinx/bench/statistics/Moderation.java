package dev.syrinx.bench.statistics;

import java.util.Arrays;
import org.apache.commons.math3.special.Gamma;

/**
 * Variances of many subjects, each known from few values, that learn from each other: each is drawn to the common one, the more the less they differ beyond chance. After G. K. Smyth, Linear
 * models and empirical Bayes methods (2004).
 *
 * @param variance the common one
 * @param degrees how many degrees of freedom it counts for with each subject; 0 where there are too few subjects to learn from
 */
record Moderation(double variance, double degrees) {
  /** Subjects from which something can be learned. */
  private static final int FEWEST = 5;

  /** The common variance never counts for more: how alike the subjects are is an estimate, too. */
  private static final double MOST = 3;

  /** Variances below this share of the common one are rounding. */
  private static final double LEAST = 1e-6;

  /**
   * @param variances of the subjects that have one
   * @param degrees of each, above 0
   */
  static Moderation of(double[] variances, double[] degrees) {
    double pooled = pooled(variances, degrees);
    if (variances.length < FEWEST || pooled == 0) {
      return new Moderation(pooled, 0);
    }
    double[] logs = new double[variances.length];
    double chance = 0;
    for (int i = 0; i < logs.length; i++) {
      double half = degrees[i] / 2;
      logs[i] = Math.log(Math.max(variances[i], LEAST * pooled)) - Gamma.digamma(half) + Math.log(half);
      chance += Gamma.trigamma(half) / logs.length;
    }
    double mean = Arrays.stream(logs).average().orElseThrow();
    double spread = Arrays.stream(logs).map(v -> (v - mean) * (v - mean)).sum() / (logs.length - 1) - chance;
    double prior = Math.min(MOST, spread <= 0 ? MOST : 2 * inverseTrigamma(spread));
    return new Moderation(Math.max(pooled, Math.exp(mean + Gamma.digamma(prior / 2) - Math.log(prior / 2))), prior);
  }

  private static double pooled(double[] variances, double[] degrees) {
    double sum = 0;
    double all = 0;
    for (int i = 0; i < variances.length; i++) {
      sum += variances[i] * degrees[i];
      all += degrees[i];
    }
    return all == 0 ? 0 : sum / all;
  }

  /** Where trigamma, which falls, takes a value: by halving. */
  private static double inverseTrigamma(double value) {
    double low = 1e-3;
    double high = 1e3;
    for (int i = 0; i < 60; i++) {
      double middle = Math.sqrt(low * high);
      if (Gamma.trigamma(middle) > value) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** A subject's variance, with its degrees of freedom, as an estimate around 0. */
  Estimate of(double own, double ownDegrees) {
    double all = degrees + ownDegrees;
    return all == 0 ? Estimate.unbounded(0) : new Estimate(0, (degrees * variance + ownDegrees * own) / all, all);
  }
}
