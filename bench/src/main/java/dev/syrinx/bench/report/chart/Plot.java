package dev.syrinx.bench.report.chart;

import dev.syrinx.bench.report.Html;
import java.awt.BasicStroke;
import java.awt.Font;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A picture of data as SVG: XChart lays it out and draws axes, bars and lines; texts are set beside them as texts. Bars are thick lines
 * and dots are lines without length, so
 * that one kind of chart does for all pictures.
 */
public final class Plot {
  /** Height of the line above the plot that names the vertical axis. */
  private static final int HEAD = 22;

  /** Size of the numbers at the axes, which decides how much room XChart leaves for them. */
  private static final int FONT = 12;

  private final int width;
  private final int height;
  private final Axis x;
  private final Axis y;
  private final XYChart chart;
  private final List<Text> texts = new ArrayList<>();
  private final List<Hover> hovers = new ArrayList<>();
  private Rectangle2D room;

  /** Which end of a text lies at its place. */
  public enum Anchor { START, MIDDLE, END }

  private record Text(double x, double y, double dx, double dy, Anchor anchor, String css, String text) {}

  private record Hover(double x0, double y0, double x1, double y1, double half, String text) {}

  /** An empty plot; sizes in pixels of a page that shows it unscaled. */
  public Plot(int width, int height, Axis x, Axis y) {
    this.width = width;
    this.height = height;
    this.x = x;
    this.y = y;
    chart = new XYChart(width, height - head());
    style();
  }

  private int head() {
    return y.bare() ? 0 : HEAD;
  }

  private void style() {
    XYStyler s = chart.getStyler();
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, FONT);
    s.setBaseFont(font).setChartTitleVisible(false).setLegendVisible(false).setChartPadding(4).setPlotContentSize(1);
    s.setChartBackgroundColor(Role.NONE.color()).setPlotBackgroundColor(Role.PLOT.color()).setPlotBorderVisible(false).setChartFontColor(Role.NONE.color());
    s.setXAxisTitleColor(Role.NONE.color());
    s.setAxisTitleFont(font).setAxisTickLabelsFont(font).setAxisTickLabelsColor(Role.NONE.color()).setAxisTickMarksColor(Role.NONE.color()).setAxisTicksMarksVisible(false);
    s.setAxisTicksLineVisible(false).setYAxisTitleVisible(false).setXAxisTitleVisible(!x.bare()).setXAxisTicksVisible(!x.bare()).setYAxisTicksVisible(!y.bare());
    s.setPlotGridLinesColor(Role.GRID.color()).setPlotGridLinesStroke(new BasicStroke(1)).setPlotMargin(0);
    s.setPlotGridVerticalLinesVisible(!x.bare()).setPlotGridHorizontalLinesVisible(!y.bare());
    s.setXAxisMin(x.min()).setXAxisMax(x.max()).setYAxisMin(y.min()).setYAxisMax(y.max()).setXAxisLogarithmic(x.log()).setYAxisLogarithmic(y.log());
    s.setXAxisLogarithmicDecadeOnly(true).setYAxisLogarithmicDecadeOnly(true).setXAxisTickMarkSpacingHint(width < 600 ? 70
        : 110).setYAxisTickMarkSpacingHint(54);
    s.setXAxisTickLabelsFormattingFunction(v -> wide(x.format().apply(v))).setYAxisTickLabelsFormattingFunction(v ->
        wide(y.format().apply(v)));
    s.setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Line);
    chart.setXAxisTitle(wide(x.title()));
  }

  /** The library takes no empty text. */
  private static String wide(String text) {
    return text.isEmpty() ? " " : text;
  }

  /** A bar along the horizontal axis. */
  public Plot bar(double from, double to, double at, double thickness, Role role, String hover) {
    series(new double[] {from, to}, new double[] {at, at}, role,
        new BasicStroke((float) thickness, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER));
    hovers.add(new Hover(from, at, to, at, Math.max(thickness / 2, 6), hover));
    return this;
  }

  /** A line through points. */
  public Plot line(double[] xs, double[] ys, Role role, double thickness) {
    series(xs, ys, role, new BasicStroke((float) thickness, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    return this;
  }

  /** A line of dashes through points. */
  public Plot dashes(double[] xs, double[] ys, Role role, double thickness) {
    series(xs, ys, role, new BasicStroke((float) thickness, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[] {5, 5}, 0));
    return this;
  }

  /** An interval along the horizontal axis: a thin line over what it belongs to. */
  public Plot interval(double from, double to, double at) {
    return line(new double[] {from, to}, new double[] {at, at}, Role.INK, 1.6);
  }

  /** A dot. */
  public Plot dot(double px, double py, double size, Role role, String hover) {
    series(new double[] {px, px}, new double[] {py, py}, role,
        new BasicStroke((float) size, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    hovers.add(new Hover(px, py, px, py, Math.max(size / 2, 8), hover));
    return this;
  }

  /** A text at a place of the data, moved by pixels: right and down. */
  public Plot text(double px, double py, double dx, double dy, Anchor anchor, String css, String text) {
    texts.add(new Text(px, py, dx, dy, anchor, css, text));
    return this;
  }

  private void series(double[] xs, double[] ys, Role role, BasicStroke stroke) {
    XYSeries made = chart.addSeries("s" + chart.getSeriesCollection().size(), xs, ys);
    made.setMarker(SeriesMarkers.NONE).setLineColor(role.color()).setLineStyle(stroke);
  }

  /** The rectangle of the data, in pixels from the left and from below the name of the vertical axis. */
  Rectangle2D room() {
    if (room == null) {
      room = paint().plot();
    }
    return room;
  }

  double pixelX(double value) {
    return sx(room(), value);
  }

  double pixelY(double value) {
    return sy(room(), value);
  }

  private SvgCanvas paint() {
    if (chart.getSeriesCollection().isEmpty()) {
      line(new double[] {x.min(), x.min()}, new double[] {y.min(), y.min()}, Role.NONE, 1); // the library draws no axes without data
    }
    SvgCanvas canvas = new SvgCanvas();
    chart.paint(canvas, width, height - head());
    canvas.dispose();
    return canvas;
  }

  /**
   * The picture.
   *
   * @param css a class of the whole
   * @param label what it shows, for those who do not see it
   */
  public String svg(String css, String label) {
    SvgCanvas canvas = paint();
    Rectangle2D plot = canvas.plot();
    StringBuilder svg = new StringBuilder();
    svg.append("<svg class=\"").append(css).append("\" viewBox=\"0 0 ").append(width).append(' ').append(height)
        .append("\" role=\"img\" aria-label=\"").append(Html.text(label));
    svg.append("\"><g transform=\"translate(0 ").append(head()).append(")\">\n").append(canvas.elements());
    numbers(svg, canvas, plot);
    texts.forEach(t -> write(svg, t.css(), t.anchor(), sx(plot, t.x()) + t.dx(), sy(plot, t.y()) + t.dy(), t.text()));
    hovers.forEach(h -> hover(svg, plot, h));
    return svg.append("</g></svg>\n").toString();
  }

  private void numbers(StringBuilder svg, SvgCanvas canvas, Rectangle2D plot) {
    for (double at : canvas.verticals()) {
      write(svg, "tick", at > plot.getMaxX() - 12 ? Anchor.END : Anchor.MIDDLE, at, plot.getMaxY() + 17,
          x.number((at - plot.getX()) / plot.getWidth()));
    }
    for (double at : canvas.horizontals()) {
      write(svg, "tick", Anchor.END, plot.getX() - 7, at + 4, y.number((plot.getMaxY() - at) / plot.getHeight()));
    }
    if (!x.bare() && !x.log()) { // the library draws no line at the start of an axis
      write(svg, "tick", Anchor.START, plot.getX() - 3, plot.getMaxY() + 17, x.number(0));
    }
    if (!y.bare() && !y.log()) {
      write(svg, "tick", Anchor.END, plot.getX() - 7, plot.getMaxY() + 4, y.number(0));
    }
    if (!x.bare()) {
      write(svg, "axis", Anchor.END, plot.getMaxX(), plot.getMaxY() + 35, x.title());
    }
    if (!y.bare()) {
      write(svg, "axis", Anchor.START, 4, plot.getY() - 12, y.title());
    }
  }

  private double sx(Rectangle2D plot, double value) {
    return plot.getX() + x.share(value) * plot.getWidth();
  }

  private double sy(Rectangle2D plot, double value) {
    return plot.getMaxY() - y.share(value) * plot.getHeight();
  }

  private static void write(StringBuilder svg, String css, Anchor anchor, double px, double py, String text) {
    String side = switch (anchor) {
      case START -> "";
      case MIDDLE -> " mid";
      case END -> " end";
    };
    svg.append("<text class=\"").append(css).append(side).append("\" x=\"").append(SvgCanvas.number(px)).append("\" y=\"")
        .append(SvgCanvas.number(py)).append("\">");
    svg.append(Html.text(text)).append("</text>\n");
  }

  private void hover(StringBuilder svg, Rectangle2D plot, Hover h) {
    double left = Math.min(sx(plot, h.x0()), sx(plot, h.x1())) - (h.x0() == h.x1() ? h.half() : 0);
    double right = Math.max(sx(plot, h.x0()), sx(plot, h.x1())) + (h.x0() == h.x1() ? h.half() : 0);
    double top = Math.min(sy(plot, h.y0()), sy(plot, h.y1())) - h.half();
    svg.append("<rect class=\"hit\" x=\"").append(SvgCanvas.number(left)).append("\" y=\"").append(SvgCanvas.number(top))
        .append("\" width=\"");
    svg.append(SvgCanvas.number(Math.max(right - left, 1))).append("\" height=\"").append(SvgCanvas.number(2 * h.half()))
        .append("\"><title>").append(Html.text(h.text()));
    svg.append("</title></rect>\n");
  }
}
