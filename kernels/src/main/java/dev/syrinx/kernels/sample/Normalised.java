package dev.syrinx.kernels.sample;

import dev.syrinx.kernels.Cells;
import java.lang.foreign.MemorySegment;

/** Greatest element and sum of exponentials of a row: what softmax and log-softmax share. */
final class Normalised {
  private Normalised() {}

  /** The greatest element; NaN if there is one, −∞ of a row of nothing else. */
  static double greatest(MemorySegment x, long from, int d) {
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < d; c++) {
      most = Math.max(most, Cells.get(x, from + c));
    }
    return most;
  }

  /** Σ exp(x − most); filtered entries cost nothing. */
  static double sum(MemorySegment x, long from, int d, double most) {
    double sum = 0;
    for (int c = 0; c < d; c++) {
      float value = Cells.get(x, from + c);
      if (value != Float.NEGATIVE_INFINITY) {
        sum += Math.exp(value - most);
      }
    }
    return sum;
  }
}
