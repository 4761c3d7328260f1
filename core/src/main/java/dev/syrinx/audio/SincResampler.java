package dev.syrinx.audio;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Resamples with a short Hann-windowed sinc: six zero crossings on either side, pass band to 0.99 of the narrower Nyquist frequency.
 * The official pipeline takes the speaker's signal from the mel rate to the feature rate with it.
 */
public final class SincResampler {
  private static final int CROSSINGS = 6;
  private static final double ROLLOFF = 0.99;

  /** Outputs that are worth a thread: about a tenth of a millisecond. */
  private static final int CHUNK = 4096;

  private final int from;
  private final int to;
  private final List<Taps> kernel;

  /**
   * The weights of a phase.
   *
   * @param begin of the first, in samples from the first of the phase's block
   * @param weights float because the official kernel is rounded so
   */
  private record Taps(int begin, float[] weights) {}

  /**
   * @param fromRate in Hz
   * @param toRate in Hz
   * @throws IllegalArgumentException if a rate is not positive
   */
  public SincResampler(int fromRate, int toRate) {
    if (fromRate <= 0 || toRate <= 0) {
      throw new IllegalArgumentException("cannot resample from " + fromRate + " Hz to " + toRate + " Hz");
    }
    Ratio ratio = Ratio.of(toRate, fromRate);
    this.from = ratio.denominator();
    this.to = ratio.numerator();
    double base = Math.min(from, to) * ROLLOFF;
    this.kernel = from == to ? List.of() : IntStream.range(0, to).mapToObj(phase -> taps(phase, base)).toList();
  }

  /** Outside of the crossings all weights are 0. */
  private Taps taps(int phase, double base) {
    double centre = (double) phase / to;
    int begin = (int) Math.ceil((centre - CROSSINGS / base) * from);
    int end = (int) Math.floor((centre + CROSSINGS / base) * from) + 1;
    float[] weights = new float[end - begin];
    for (int i = 0; i < weights.length; i++) {
      double time = ((double) (begin + i) / from - centre) * base;
      weights[i] = (float) (weight(Math.clamp(time, -CROSSINGS, CROSSINGS)) * base / from);
    }
    return new Taps(begin, weights);
  }

  private static double weight(double time) {
    double window = Math.cos(Math.PI * time / (2 * CROSSINGS));
    double x = Math.PI * time;
    return (x == 0 ? 1 : Math.sin(x) / x) * window * window;
  }

  /**
   * @param signal one channel at the first rate
   * @return ceil(length · to / from) samples
   */
  public float[] resample(float[] signal) {
    if (from == to) {
      return signal.clone();
    }
    int length = Math.toIntExact(((long) signal.length * to + from - 1) / from);
    float[] out = new float[length];
    Chunks.run(length, CHUNK, (first, end) -> {
      for (int i = first; i < end; i++) {
        Taps taps = kernel.get(i % to);
        out[i] = dot(signal, i / to * from + taps.begin, taps.weights);
      }
    });
    return out;
  }

  private static float dot(float[] signal, int base, float[] row) {
    double sum = 0;
    int end = Math.min(row.length, signal.length - base);
    for (int k = Math.max(0, -base); k < end; k++) {
      sum += (double) signal[base + k] * row[k];
    }
    return (float) sum;
  }
}
