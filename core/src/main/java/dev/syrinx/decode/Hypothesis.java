package dev.syrinx.decode;

/** A finished beam, or one left open at the end. */
final class Hypothesis {
  private final int[] codes;
  private final double score;
  private final boolean stopped;

  /** Takes the array over. */
  Hypothesis(int[] codes, double score, boolean stopped) {
    this.codes = codes;
    this.score = score;
    this.stopped = stopped;
  }

  /** Without the stop id. */
  int[] codes() {
    return codes.clone();
  }

  /** Sum of processed scores over length^penalty. */
  double score() {
    return score;
  }

  /** Whether it ends with the stop id. */
  boolean stopped() {
    return stopped;
  }
}
