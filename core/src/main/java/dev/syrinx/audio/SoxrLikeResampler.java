package dev.syrinx.audio;

/**
 * Resamples like the "HQ" setting of the SoX resampler, which the official loader uses on every reference recording.
 *
 * <p>The response was measured and modelled, see {@link SoxrHighQuality}; against the library itself the difference on full-scale noise
 * is near float rounding for the usual rates. Outputs are linear phase, aligned with the input, and zero-padded at both ends.
 */
public final class SoxrLikeResampler {
  /** Samples computed past the end between two stages: the first filter still rings there, and the second one sees it. */
  private static final int RINGING = 64;

  private SoxrLikeResampler() {}

  /** All of the signal; see {@link #resample(float[], int, int, int)}. */
  public static float[] resample(float[] signal, int from, int to) {
    return resample(signal, from, to, Integer.MAX_VALUE);
  }

  /**
   * @param signal one channel
   * @param from its rate in Hz
   * @param to the wanted rate in Hz
   * @param limit at most this many output samples, counted from the start
   * @return ceil(length · to / from) samples or {@code limit}, whichever is fewer
   * @throws IllegalArgumentException if a rate is not positive or the limit negative
   */
  public static float[] resample(float[] signal, int from, int to, int limit) {
    if (from <= 0 || to <= 0 || limit < 0) {
      throw new IllegalArgumentException("cannot resample from " + from + " Hz to " + to + " Hz, at most " + limit + " samples");
    }
    int length = outputLength(signal.length, from, to, limit);
    if (from == to) {
      return java.util.Arrays.copyOf(signal, length);
    }
    // The library rounds its output length to the nearest integer; the loader then pads with a zero up to the ceiling.
    int computed = (int) Math.min(length, Math.floor((double) signal.length * to / from + 0.5));
    return java.util.Arrays.copyOf(filter(signal, from, to, computed), length);
  }

  private static int outputLength(int length, int from, int to, int limit) {
    // The loader multiplies by the rounded ratio, and so do we: the ceiling of an almost whole product must agree.
    double exact = Math.ceil(length * ((double) to / from));
    return (int) Math.min(limit, exact);
  }

  private static float[] filter(float[] signal, int from, int to, int count) {
    SoxrHighQuality design = SoxrHighQuality.between(from, to);
    double narrow = Math.min(from, to);
    float[] current = signal;
    double rate = from;
    for (int i = 0; i < design.halvings(); i++) {
      current = stage(current, design.halving(narrow, rate), narrow / rate, Ratio.of(1, 2));
      rate /= 2;
    }
    for (SoxrHighQuality.Stage stage : design.stages().subList(0, design.stages().size() - 1)) {
      current = stage(current, stage.filter(), narrow / rate, stage.growth());
      rate *= stage.growth().value();
    }
    SoxrHighQuality.Stage last = design.stages().getLast();
    return new PolyphaseFilter(last.filter(), narrow / rate, last.growth()).run(current, count);
  }

  private static float[] stage(float[] signal, KaiserLowpass filter, double step, Ratio growth) {
    return new PolyphaseFilter(filter, step, growth).run(signal, (int) Math.ceil((signal.length + RINGING) * growth.value()));
  }
}
