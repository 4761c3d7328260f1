package dev.syrinx.decode;

import java.util.Arrays;

/** Generated codes and how they came about. */
public final class Generation {
  /**
   * What it cost.
   *
   * @param prompt positions read before the first code
   * @param steps codes drawn, the stop id included
   * @param decodeNanos time in the network
   * @param sampleNanos time from logits to beams
   * @param slots positions of the cache blocks in use at the end; beams share blocks
   * @param recordings how often the step was recorded: once, and again whenever the cache grew or its blocks moved
   */
  public record Statistics(int prompt, int steps, long decodeNanos, long sampleNanos, int slots, int recordings) {}

  private final int[] codes;
  private final StopReason reason;
  private final double score;
  private final Statistics statistics;

  Generation(int[] codes, StopReason reason, double score, Statistics statistics) {
    this.codes = codes.clone();
    this.reason = reason;
    this.score = score;
    this.statistics = statistics;
  }

  /** The codes without the stop id; may be empty. */
  public int[] codes() {
    return codes.clone();
  }

  public StopReason reason() {
    return reason;
  }

  /** Score of the winning beam (see {@link SamplingOptions#lengthPenalty}); 0 without beams. */
  public double score() {
    return score;
  }

  public Statistics statistics() {
    return statistics;
  }

  @Override
  public String toString() {
    return reason + " after " + statistics.steps() + " steps: " + Arrays.toString(codes);
  }
}
