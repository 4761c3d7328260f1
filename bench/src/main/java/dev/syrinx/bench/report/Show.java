package dev.syrinx.bench.report;

import dev.syrinx.bench.study.Timing;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers for people: three figures and a unit. */
final class Show {
  private Show() {}

  /** Three significant figures, without an exponent where that is readable. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return "n/a";
    }
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-4 || size >= 1e7)) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    BigDecimal three = new BigDecimal(value).round(new MathContext(size >= 1000 ? (int) Math.floor(Math.log10(size)) + 1 : 3));
    return three.signum() == 0 ? "0" : three.stripTrailingZeros().toPlainString();
  }

  /** Three significant figures, zeros at the end included: for values that stand beside others of their kind. */
  static String figures(double value) {
    double size = Math.abs(value);
    if (!(size >= 0.1 && size < 1e7)) {
      return number(value);
    }
    int decimals = Math.max(0, 2 - (int) Math.floor(Math.log10(size)));
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** Seconds with a unit that fits. */
  static String seconds(double value) {
    return value >= 1 ? figures(value) + " s" : value >= 1e-3 ? figures(value * 1e3) + " ms" : figures(value * 1e6) + " us";
  }

  /** The interval of a timing, or why there is none. */
  static String interval(Timing t) {
    int n = t.samples().size();
    return t.bounded() ? value(t.low(), t.unit()) + " to " + value(t.high(), t.unit()) : n == 1 ? "one round" : n + " rounds, no interval";
  }

  /** Bytes with a binary unit that fits. */
  static String bytes(double value) {
    return value >= 1L << 30 ? figures(value / (1L << 30)) + " GiB" : value >= 1 << 20 ? figures(value / (1 << 20)) + " MiB"
        : figures(value / 1024) + " KiB";
  }

  /** A value of a unit as records have it. */
  static String value(double value, String unit) {
    return switch (unit) {
      case "s" -> seconds(value);
      case "us" -> seconds(value * 1e-6);
      case "B" -> bytes(value);
      case "1" -> figures(value);
      case "1/s" -> figures(value) + "/s";
      default -> number(value) + (unit.equals("%") ? " %" : " " + unit);
    };
  }

  /** A factor. */
  static String times(double value) {
    return "×" + fixed(value);
  }

  /** Bounds of a factor. */
  static String bounds(double low, double high) {
    return fixed(low) + " to " + fixed(high);
  }

  /** A factor without its sign. */
  static String fixed(double value) {
    return value >= 100 ? number(value) : String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
  }
}
