package dev.syrinx.bench.report;

import dev.syrinx.bench.statistics.Estimate;

/**
 * A ratio of two times with its 95 % interval. The sides differ where the interval leaves out 1.
 *
 * @param value the ratio
 * @param low lower bound; the value itself where nothing bounds it
 * @param high upper bound
 * @param bounded whether there is an interval
 */
public record Ratio(double value, double low, double high, boolean bounded) {
  /** Of an estimate. */
  static Ratio of(Estimate estimate) {
    return new Ratio(estimate.value(), estimate.low(), estimate.high(), estimate.bounded());
  }

  /** Whether the sides differ. */
  public boolean differs() {
    return bounded && (low > 1 || high < 1);
  }

  /** The value with its bounds and what a reader must know beside. */
  String words() {
    return Show.times(value) + (bounded ? " (" + bounds() + ")" : "") + (differs() ? "" : ", " + doubt());
  }

  /** Both bounds in words; empty where there are none. */
  String bounds() {
    return bounded ? Show.bounds(low, high) : "";
  }

  /** What a reader must know beside the value: nothing where the sides differ. */
  String doubt() {
    return differs() ? "" : bounded ? "no difference shown" : "too few rounds for a verdict";
  }

  /** The other way round. */
  public Ratio inverse() {
    return new Ratio(1 / value, 1 / high, 1 / low, bounded);
  }
}
