package dev.syrinx.bench.statistics;

import java.util.List;

/**
 * One timed run.
 *
 * @param subject what ran
 * @param process in which process of the study, from 1
 * @param round in which round; all runs of a round share what the machine was like
 * @param value what was taken, above 0
 * @param beside what was taken beside it and may explain it, such as the log of a fixed loop's time; equally many in all observations
 */
public record Observation(String subject, int process, int round, double value, List<Double> beside) {
  /** Copies. */
  public Observation {
    beside = List.copyOf(beside);
    if (!(value > 0) || !Double.isFinite(value)) {
      throw new IllegalArgumentException(subject + ": only positive values can be compared as ratios, got " + value);
    }
  }

  /** The round, unique over processes. */
  long block() {
    return (long) process << 32 | round;
  }
}
