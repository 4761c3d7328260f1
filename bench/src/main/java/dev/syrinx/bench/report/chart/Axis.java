package dev.syrinx.bench.report.chart;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.function.DoubleFunction;

/**
 * One direction of a plot.
 *
 * @param title what it counts, with unit; empty for an axis without lines and numbers
 * @param min value at the start
 * @param max value at the end
 * @param log whether equal ratios have equal lengths
 * @param format of the numbers at the lines
 */
public record Axis(String title, double min, double max, boolean log, DoubleFunction<String> format) {
  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if it is empty, or not positive where it is logarithmic
   */
  public Axis {
    if (!(min < max) || !Double.isFinite(max - min) || (log && min <= 0)) {
      throw new IllegalArgumentException("an axis from " + min + " to " + max + (log ? ", logarithmic" : ""));
    }
  }

  /** Without lines and numbers. */
  public static Axis bare(double min, double max) {
    return new Axis("", min, max, false, value -> "");
  }

  /** From 0 to somewhat above the largest value. */
  public static Axis fromZero(String title, double largest, DoubleFunction<String> format) {
    return new Axis(title, 0, largest > 0 ? largest * 1.04 : 1, false, format);
  }

  /** Whole decades around positive values. */
  public static Axis decades(String title, double least, double largest, DoubleFunction<String> format) {
    double low = Math.pow(10, Math.floor(Math.log10(least) - 0.05));
    double high = Math.pow(10, Math.ceil(Math.log10(largest) + 0.05));
    return new Axis(title, low, high, true, format);
  }

  /** Somewhat more than the values take, on both sides. */
  public static Axis around(String title, double least, double largest, DoubleFunction<String> format) {
    double margin = largest > least ? (largest - least) * 0.08 : Math.max(Math.abs(largest), 1) * 0.1;
    return new Axis(title, least - margin, largest + margin, false, format);
  }

  boolean bare() {
    return title.isEmpty();
  }

  /** Where a value lies, from 0 at the start to 1 at the end. */
  double share(double value) {
    return log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  }

  /** The number to write at a line of the grid, as round as the picture's resolution allows; empty for lines between decades. */
  String number(double share) {
    if (log) {
      double value = min * Math.pow(max / min, share);
      double decade = Math.pow(10, Math.rint(Math.log10(value)));
      return Math.abs(value / decade - 1) < 0.04 ? format.apply(decade) : "";
    }
    double value = min + share * (max - min);
    double unit = Math.pow(10, Math.floor(Math.log10((max - min) / 100)));
    return format.apply(new BigDecimal(Math.rint(value / unit) * unit).round(new MathContext(6)).doubleValue());
  }
}
