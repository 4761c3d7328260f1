package dev.syrinx.audio;

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
    float[] out = new float[count];
    Chunks.run(count, CHUNK, (from, to) -> {
      double[] scratch = new double[taps];
      for (int i = from; i < to; i++) {
        long first = (long) i * down / up - reach() + 1;
        out[i] = (float) dot(signal, first, kept.length > 0 ? kept[phase(i)] : fill(phase(i), scratch));
      }
    });
    return out;
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

  private static double dot(float[] signal, long first, double[] row) {
    int from = (int) Math.max(0, -first);
    int to = (int) Math.min(row.length, signal.length - first);
    int base = (int) first;
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int k = from;
    // Four sums: one alone would wait for the latency of every addition.
    for (; k + 3 < to; k += 4) {
      a += signal[base + k] * row[k];
      b += signal[base + k + 1] * row[k + 1];
      c += signal[base + k + 2] * row[k + 2];
      d += signal[base + k + 3] * row[k + 3];
    }
    for (; k < to; k++) {
      a += signal[base + k] * row[k];
    }
    return (a + b) + (c + d);
  }
}
