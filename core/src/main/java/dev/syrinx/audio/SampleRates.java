package dev.syrinx.audio;

/** The sample rates that are taken. Outside, a header is wrong rather than unusual, and resampling would cost without bound. */
final class SampleRates {
  private static final int LOWEST = 1_000;
  private static final int HIGHEST = 1_000_000;

  private SampleRates() {}

  static void check(long rate, String name) {
    if (rate < LOWEST || rate > HIGHEST) {
      throw new AudioException(
          "%s: a sample rate of %d Hz is outside %d to %d Hz; the header is damaged, or the recording must be converted to 48000 Hz"
              .formatted(name, rate, LOWEST, HIGHEST));
    }
  }
}
