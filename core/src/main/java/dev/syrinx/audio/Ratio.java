package dev.syrinx.audio;

/** A positive fraction in lowest terms. */
record Ratio(int numerator, int denominator) {

  static Ratio of(long numerator, long denominator) {
    long divisor = gcd(numerator, denominator);
    return new Ratio(Math.toIntExact(numerator / divisor), Math.toIntExact(denominator / divisor));
  }

  Ratio times(int up, int down) {
    return of((long) numerator * up, (long) denominator * down);
  }

  Ratio inverse() {
    return new Ratio(denominator, numerator);
  }

  double value() {
    return (double) numerator / denominator;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
