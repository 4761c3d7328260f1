package dev.syrinx.bench.report.chart;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;

/**
 * Bars with their names above them, so that names of any length have room on a narrow page, too.
 *
 * @param title of the axis, with unit
 * @param rows from top to bottom
 * @param format of the axis's numbers
 * @param mark a value to compare with: a line through all rows
 */
public record Bars(String title, List<Row> rows, DoubleFunction<String> format, OptionalDouble mark) {
  private static final int ROW = 46;
  private static final int NOTE = 15;
  private static final int FOOT = 46;

  /** A character of the notes is about this wide, in pixels. */
  private static final double LETTER = 6.4;

  /**
   * One bar.
   *
   * @param label what it is
   * @param value its value in words, at the right
   * @param note below it; empty for none
   * @param from where it begins
   * @param to where it ends
   * @param low lower end of the interval; with {@code high} equal there is none
   * @param high upper end
   * @param hover all about it
   */
  public record Row(String label, String value, String note, double from, double to, double low, double high, Role role, String hover) {}

  /** Copies the rows. */
  public Bars {
    rows = List.copyOf(rows);
  }

  /** The picture, some pixels wide. */
  public String svg(int width, String css, String label) {
    boolean notes = rows.stream().anyMatch(r -> !r.note().isEmpty());
    int row = ROW + (notes ? NOTE : 0);
    double most = rows.stream().mapToDouble(r -> Math.max(Math.max(r.from(), r.to()), r.high())).max().orElse(1);
    double least = Math.min(0, rows.stream().mapToDouble(r -> Math.min(Math.min(r.from(), r.to()), r.low())).min().orElse(0));
    Axis x = least < 0 ? Axis.around(title, least, most, format) : Axis.fromZero(title, Math.max(most, mark.orElse(0)), format);
    Plot plot = new Plot(width, rows.size() * row + FOOT, x, Axis.bare(0, rows.size()));
    mark.ifPresent(at -> plot.dashes(new double[] {at, at}, new double[] {0, rows.size()}, Role.MUTED, 1.2));
    for (int i = 0; i < rows.size(); i++) {
      draw(plot, x, rows.get(i), rows.size() - i - 27.0 / row, rows.size() - i, width);
    }
    return plot.svg(css, label);
  }

  private void draw(Plot plot, Axis x, Row r, double middle, double top, int width) {
    plot.bar(r.from(), r.to(), middle, 15, r.role(), r.hover());
    if (r.high() > r.low()) {
      plot.interval(r.low(), r.high(), middle);
    }
    plot.text(x.min(), top, 1, 14, Plot.Anchor.START, "label", r.label());
    plot.text(x.max(), top, -1, 14, Plot.Anchor.END, "value", r.value());
    if (!r.note().isEmpty()) {
      plot.text(x.min(), top, 1, 48, Plot.Anchor.START, "note", cut(r.note(), (int) ((width - 20) / LETTER)));
    }
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + "…";
  }
}
