package dev.syrinx.bench.study;

import java.time.Duration;

/**
 * Which of its processes runs a study, and how long everything may take from here: each process compiles and places its memory anew, and what that changes belongs into the intervals.
 *
 * @param number of this process, from 1
 * @param processes in all
 * @param budget of this process and those after it
 */
public record Part(int number, int processes, Duration budget) {
  /** Checks the numbers. */
  public Part {
    if (number < 1 || number > processes || budget.isNegative() || budget.isZero()) {
      throw new IllegalArgumentException("process " + number + " of " + processes + " with " + budget.toSeconds() + " s");
    }
  }

  /** All in one process. */
  public static Part whole(Duration budget) {
    return new Part(1, 1, budget);
  }

  /** The last one writes the records. */
  boolean last() {
    return number == processes;
  }

  double seconds() {
    return budget.toMillis() / 1e3;
  }

  /** Seconds after which this process leaves the rest to those after it. */
  double own(double elapsed) {
    return elapsed + (seconds() - elapsed) / (processes - number + 1);
  }

  /** Runs of a cell that are still to come once it is let in here, with those that warm it up in processes after this. */
  int runs(int rounds) {
    return number == 1 ? rounds + (processes - 1) * (rounds + 1) : (processes - number + 1) * (rounds + 1);
  }
}
