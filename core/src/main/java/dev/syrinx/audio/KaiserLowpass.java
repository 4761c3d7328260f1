package dev.syrinx.audio;

/**
 * A linear-phase low-pass filter in continuous time: a sinc under a Kaiser window, with gain 1 at frequency 0.
 *
 * <p>Time counts samples of the slower of the two rates; frequencies are fractions of that rate's Nyquist frequency.
 *
 * @param edge where the gain is one half
 * @param beta shape of the window: larger is more stop-band attenuation and a wider transition
 * @param reach half the length of the window
 */
record KaiserLowpass(double edge, double beta, double reach) {

  double at(double time) {
    double u = 1 - (time / reach) * (time / reach);
    if (u <= 0) {
      return 0;
    }
    double x = Math.PI * edge * time;
    double sinc = Math.abs(x) < 1e-9 ? 1 : Math.sin(x) / x;
    return edge * sinc * besselI0(beta * Math.sqrt(u)) / besselI0(beta);
  }

  /** Modified Bessel function of order 0 by its power series; all terms are positive, so nothing cancels. */
  private static double besselI0(double x) {
    double quarter = 0.25 * x * x;
    double term = 1;
    double sum = 1;
    for (int k = 1; term > 1e-17 * sum; k++) {
      term *= quarter / ((double) k * k);
      sum += term;
    }
    return sum;
  }
}
