package dev.syrinx.audio;

import java.util.Arrays;

/**
 * Evaluates a signal, smoothed by a low-pass filter, at the positions 0, 1/g, 2/g … of its own samples, g the growth
 * in rate.
 * The signal is taken as zero outside its samples. Taps repeat after as many outputs as g's numerator, so each set is computed once.
 */
final class PolyphaseFilter {
  /** Above this many phases (odd rates like 44 101 Hz) taps are computed per output instead of kept. */
  private static final int KEPT_PHASES = 1 << 15;

  /** Outputs that are worth a thread: about a tenth of a millisecond. */
  private static final int CHUNK = 1024;

  /** Outputs of a phase that are summed side by side: they stay in the first-level cache. */
  private static final int SPAN = 256;

  /** Outputs of a phase that are worth that. */
  private static final int FEWEST = 64;

  private final KaiserLowpass kernel;
  private final double step;
  private final int up;
  private final int down;
  private final double[][] kept;
  private final int taps;

  /**
   * @param step length of one input sample in the kernel's unit of time
   * @param growth output rate over input rate
   */
  PolyphaseFilter(KaiserLowpass kernel, double step, Ratio growth) {
    this.kernel = kernel;
    this.step = step;
    this.up = growth.numerator();
    this.down = growth.denominator();
    this.taps = 2 * reach();
    this.kept = new double[up <= KEPT_PHASES ? up : 0][];
  }

  private int reach() {
    return (int) Math.ceil(kernel.reach() / step) + 1;
  }

  float[] run(float[] signal, int count) {
    Chunks.run(Math.min(kept.length, count), 1, (from, to) -> { // the first outputs meet all phases that there are
      for (int i = from; i < to; i++) {
        kept[phase(i)] = fill(phase(i), new double[taps]);
      }
    });
    double[] padded = padded(signal, count);
    float[] out = new float[count];
    if (kept.length > 0 && count / up >= FEWEST) {
      double[][] lanes = lanes(padded);
      int spans = (count + up * SPAN - 1) / (up * SPAN);
      Chunks.run(spans * up, 1, (from, to) -> {
        double[] sums = new double[SPAN];
        for (int i = from; i < to; i++) {
          span(lanes, i % up, i / up * SPAN, sums, out);
        }
      });
    } else {
      Chunks.run(count, CHUNK, (from, to) -> dots(padded, out, from, to));
    }
    return out;
  }

  /** The signal between zeros: entry {@code reach − 1 + i} is sample i, and all outputs find all of their inputs. */
  private double[] padded(float[] signal, int count) {
    double[] padded = new double[Math.max(signal.length + reach(), (int) ((long) count * down / up) + taps) + down];
    for (int i = 0; i < signal.length; i++) {
      padded[reach() - 1 + i] = signal[i];
    }
    return padded;
  }

  /** Each {@code down}-th entry: what neighbours of one phase multiply by the same tap lies side by side. */
  private double[][] lanes(double[] padded) {
    double[][] lanes = new double[down][padded.length / down];
    for (int i = 0; i < padded.length / down * down; i++) {
      lanes[i % down][i / down] = padded[i];
    }
    return lanes;
  }

  /** Neighbours of one phase together: the inner loop is over outputs, and takes as many at a time as the machine has lanes. */
  private void span(double[][] lanes, int phase, int begin, double[] sums, float[] out) {
    int first = (int) ((long) phase * down / up);
    double[] row = kept[phase(phase)];
    Arrays.fill(sums, 0);
    for (int k = 0; k < taps; k++) {
      add(row[k], lanes[(first + k) % down], begin + (first + k) / down, sums);
    }
    for (int n = 0, i = begin * up + phase; n < SPAN && i < out.length; n++, i += up) {
      out[i] = (float) sums[n];
    }
  }

  private static void add(double weight, double[] lane, int first, double[] sums) {
    int count = Math.min(sums.length, lane.length - first);
    for (int n = 0; n < count; n++) {
      sums[n] += weight * lane[first + n];
    }
  }

  private void dots(double[] padded, float[] out, int from, int to) {
    double[] scratch = new double[taps];
    for (int i = from; i < to; i++) {
      int first = (int) ((long) i * down / up);
      out[i] = (float) dot(padded, first, kept.length > 0 ? kept[phase(i)] : fill(phase(i), scratch));
    }
  }

  private int phase(int output) {
    return (int) ((long) output * down % up);
  }

  /** Taps for a position {@code phase/up} behind a sample: entry k weighs the input k − reach + 1 away from that sample. */
  private double[] fill(int phase, double[] row) {
    double behind = (double) phase / up;
    for (int k = 0; k < taps; k++) {
      row[k] = step * kernel.at((k - reach() + 1 - behind) * step);
    }
    return row;
  }

  private static double dot(double[] padded, int first, double[] row) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int k = 0;
    // Four sums: one alone would wait for the latency of every addition.
    for (; k + 3 < row.length; k += 4) {
      a += padded[first + k] * row[k];
      b += padded[first + k + 1] * row[k + 1];
      c += padded[first + k + 2] * row[k + 2];
      d += padded[first + k + 3] * row[k + 3];
    }
    for (; k < row.length; k++) {
      a += padded[first + k] * row[k];
    }
    return (a + b) + (c + d);
  }
}
