package dev.syrinx.audio;

import java.util.List;

/**
 * The frequency response of the SoX resampler's "HQ" setting as a chain of Kaiser low-pass filters.
 *
 * <p>Found by measuring impulse responses of the library (1.1.0 of its Python binding) over some forty pairs of rates:
 *
 * <ul>
 *   <li>A steep filter: flat to {@link #PASSBAND} of the narrower Nyquist frequency, gone at 1, 126.4 dB and more with every further stage.
 *   <li>Unless the ratio is made of very small integers, a second, short filter that only removes the images of the intermediate
 *       rate. Its gain falls by 0.01 dB towards the pass-band edge, and that droop (1e-3) must be copied to stay within 2e-4.
 *   <li>Ratios of 4 and more are first halved by flat half-band filters.
 * </ul>
 *
 * <p>Both filters have whole numbers of taps at their own rates, which decides their exact width. Units as in {@link KaiserLowpass}.
 *
 * @param halvings how often the input rate is halved first
 * @param stages the filters after that, in order
 */
record SoxrHighQuality(int halvings, List<Stage> stages) {
  /** A filter, and the ratio of its output rate to its input rate. */
  record Stage(KaiserLowpass filter, Ratio growth) {}

  private static final double PASSBAND = 0.9137436532733066;
  private static final double DECIBEL_PER_BIT = 20 * Math.log10(2);
  private static final double ATTENUATION = 21 * DECIBEL_PER_BIT;
  /** Where, between the half-gain point and the end of its transition, a short filter has lost 0.01 dB; as a share of the transition. */
  private static final double DROOP_SHARE = 0.12578715967312643;
  /** Window shape of the short filters: their transition is too wide for the attenuation to matter. */
  private static final double WIDE_BETA = 14.059;

  static SoxrHighQuality between(int from, int to) {
    Ratio in = Ratio.of(from, to);
    int halvings = 0;
    while (in.value() >= 4) {
      in = in.times(1, 2);
      halvings++;
    }
    int larger = Math.max(in.numerator(), in.denominator());
    boolean single = larger < 5 || (long) in.numerator() * in.denominator() < 6;
    return new SoxrHighQuality(halvings, single ? oneStage(in, halvings) : twoStages(in, halvings));
  }

  private static List<Stage> oneStage(Ratio in, int halvings) {
    double attenuation = ATTENUATION + decibel(halvings + 1);
    int granularity = in.denominator() == 4 ? 8 : 4;
    return List.of(new Stage(steep(attenuation, Math.max(in.numerator(), in.denominator()), granularity), in.inverse()));
  }

  private static List<Stage> twoStages(Ratio in, int halvings) {
    double ratio = in.value();
    double attenuation = ATTENUATION + DECIBEL_PER_BIT + decibel(halvings + (ratio < 0.25 ? 2 : 1));
    if (ratio > 1.5 && ratio < 2) {
      Ratio toDouble = in.inverse().times(2, 1);
      Stage imaging = new Stage(imaging(ratio, 3, toDouble.numerator(), false), toDouble);
      return List.of(imaging, new Stage(steep(attenuation, 2, 4), Ratio.of(1, 2)));
    }
    Ratio oversampling = Ratio.of(ratio < 2 ? 2 : 1, 1);
    double nyquist = Math.max(ratio, 1) * oversampling.numerator();
    Ratio rest = in.inverse().times(1, oversampling.numerator());
    Stage imaging = new Stage(imaging(nyquist, 2 * nyquist - (0.3 * PASSBAND + 0.7), rest.numerator(), ratio >= 1), rest);
    return List.of(new Stage(steep(attenuation, nyquist, 4), oversampling), imaging);
  }

  private static double decibel(int factor) {
    return 20 * Math.log10(factor);
  }

  /** Taps at a Nyquist frequency of {@code nyquist} times the narrower one; their number is 1 more than a multiple of the granularity. */
  private static KaiserLowpass steep(double attenuation, double nyquist, int granularity) {
    double beta = 13.04 + 0.11155 * (attenuation - ATTENUATION);
    double halfTransition = 0.5 * (1 - PASSBAND) / nyquist;
    int wanted = (int) Math.ceil(length(beta) / halfTransition + 1);
    int taps = (wanted + granularity - 2) / granularity * granularity + 1;
    return new KaiserLowpass(0.5 * (1 + PASSBAND), beta, 0.5 * taps / nyquist);
  }

  private static KaiserLowpass imaging(double nyquist, double stop, int phases, boolean even) {
    double pass = stop - (stop - PASSBAND) / (1 - DROOP_SHARE);
    double halfTransition = 0.5 * (stop - pass);
    int finest = Math.max(phases, 19);
    int taps = (int) (Math.ceil(length(WIDE_BETA) * finest * nyquist / halfTransition + 1) / finest) + 1;
    if (even && taps % 2 == 1) {
      taps++;
    }
    int rows = taps % 2 == 1 && phases % 2 == 1 ? 2 * phases : phases;
    double reach = 0.5 * taps - 0.25 / rows;
    return new KaiserLowpass(stop - halfTransition, WIDE_BETA, reach / nyquist);
  }

  /** Taps of a Kaiser filter times its half transition, the latter as a share of the Nyquist frequency. */
  private static double length(double beta) {
    return 8.3023 + 0.6366 * (beta - 13.04);
  }

  /** The half-band filter for one halving of {@code rate} (in any unit): flat to 1/2 of the new Nyquist frequency. */
  KaiserLowpass halving(double unitsPerSecond, double rate) {
    double nyquist = rate / unitsPerSecond;
    return new KaiserLowpass(0.5 * nyquist, WIDE_BETA, 0.5 * length(WIDE_BETA) / 0.25 / nyquist);
  }
}
