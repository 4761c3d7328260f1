package dev.syrinx.bench.report.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Composite;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.GraphicsConfiguration;
import java.awt.Image;
import java.awt.Paint;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.font.FontRenderContext;
import java.awt.font.GlyphVector;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.PathIterator;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.BufferedImageOp;
import java.awt.image.ImageObserver;
import java.awt.image.RenderedImage;
import java.awt.image.renderable.RenderableImage;
import java.text.AttributedCharacterIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes what a chart library draws as SVG whose colours are roles, so that a style sheet decides about them. Shapes only: the page's
 * texts are texts, not the outlines that a
 * library makes of them. Clipping is left out: charts give their axes' ends, and nothing lies beyond.
 *
 * <p>Long, because Java's class of everything that can be drawn on has some seventy methods, and each has to be there: drawn, forwarded or refused.
 */
final class SvgCanvas extends Graphics2D {
  private final StringBuilder out;
  private final Graphics2D measure = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB).createGraphics();
  private Rectangle2D plot = new Rectangle2D.Double();
  private AffineTransform transform = new AffineTransform();
  private Color color = Role.INK.color();
  private Stroke stroke = new BasicStroke(1);
  private Shape clip;
  private final List<Double> verticals = new ArrayList<>();
  private final List<Double> horizontals = new ArrayList<>();

  SvgCanvas() {
    out = new StringBuilder();
  }

  private SvgCanvas(SvgCanvas from) {
    out = from.out;
    transform = new AffineTransform(from.transform);
    color = from.color;
    stroke = from.stroke;
    clip = from.clip;
  }

  /** Elements so far. */
  String elements() {
    return out.toString();
  }

  /** Places of the vertical lines of the grid. */
  List<Double> verticals() {
    return List.copyOf(verticals);
  }

  /** Places of the horizontal lines of the grid. */
  List<Double> horizontals() {
    return List.copyOf(horizontals);
  }

  /** The rectangle of the data. */
  Rectangle2D plot() {
    return plot;
  }

  @Override
  public void draw(Shape shape) {
    Role role = Role.of(color).orElse(Role.INK);
    if (role == Role.NONE || role == Role.PLOT) {
      return;
    }
    BasicStroke line = (BasicStroke) stroke;
    out.append("<path class=\"s-").append(role.css()).append("\" d=\"").append(path(shape)).append("\" stroke-width=\"")
        .append(number(line.getLineWidth())).append('"');
    if (line.getDashArray() != null) {
      out.append(" stroke-dasharray=\"");
      for (float dash : line.getDashArray()) {
        out.append(number(dash)).append(' ');
      }
      out.append('"');
    }
    if (line.getEndCap() == BasicStroke.CAP_ROUND) {
      out.append(" stroke-linecap=\"round\"");
    }
    out.append("/>\n");
  }

  @Override
  public void fill(Shape shape) {
    Role role = Role.of(color).orElse(Role.INK);
    if (role == Role.PLOT) {
      plot = transform.createTransformedShape(shape).getBounds2D();
    } else if (role == Role.GRID) {
      gridLine(transform.createTransformedShape(shape).getBounds2D());
    } else if (role != Role.NONE) {
      out.append("<path class=\"f-").append(role.css()).append("\" d=\"").append(path(shape)).append("\"/>\n");
    }
  }

  /** The library draws lines of the grid as outlines of strokes: one pixel wide. */
  private void gridLine(Rectangle2D line) {
    boolean vertical = line.getWidth() < line.getHeight();
    (vertical ? verticals : horizontals).add(vertical ? line.getCenterX() : line.getCenterY());
    Shape middle = vertical
        ? new Line2D.Double(line.getCenterX(), line.getY(), line.getCenterX(), line.getMaxY())
        : new Line2D.Double(line.getX(), line.getCenterY(), line.getMaxX(), line.getCenterY());
    out.append("<path class=\"s-grid\" d=\"").append(path(middle, new AffineTransform())).append("\"/>\n");
  }

  private String path(Shape shape) {
    return path(shape, transform);
  }

  private static String path(Shape shape, AffineTransform at) {
    StringBuilder d = new StringBuilder();
    double[] c = new double[6];
    for (PathIterator i = shape.getPathIterator(at); !i.isDone(); i.next()) {
      int kind = i.currentSegment(c);
      d.append("MLQCZ".charAt(kind));
      int coordinates = new int[] {2, 2, 4, 6, 0}[kind];
      for (int k = 0; k < coordinates; k++) {
        d.append(k == 0 ? "" : " ").append(number(c[k]));
      }
    }
    return d.toString();
  }

  /** A coordinate to a tenth, without trailing zeros. */
  static String number(double value) {
    long tenths = Math.round(value * 10);
    return tenths % 10 == 0 ? Long.toString(tenths / 10) : (tenths < 0 ? "-" : "") + Math.abs(tenths) / 10 + "." + Math.abs(tenths) % 10;
  }

  @Override
  public void drawLine(int x1, int y1, int x2, int y2) {
    draw(new Line2D.Double(x1, y1, x2, y2));
  }

  @Override
  public void fillRect(int x, int y, int width, int height) {
    fill(new Rectangle(x, y, width, height));
  }

  @Override
  public Graphics create() {
    return new SvgCanvas(this);
  }

  @Override
  public void dispose() {
    measure.dispose();
  }

  @Override
  public void setColor(Color value) {
    color = value;
  }

  @Override
  public Color getColor() {
    return color;
  }

  @Override
  public void setPaint(Paint paint) {
    if (paint instanceof Color plain) {
      color = plain;
    }
  }

  @Override
  public Paint getPaint() {
    return color;
  }

  @Override
  public void setStroke(Stroke value) {
    stroke = value;
  }

  @Override
  public Stroke getStroke() {
    return stroke;
  }

  @Override
  public void setFont(Font font) {
    measure.setFont(font);
  }

  @Override
  public Font getFont() {
    return measure.getFont();
  }

  @Override
  public FontMetrics getFontMetrics(Font font) {
    return measure.getFontMetrics(font);
  }

  @Override
  public FontRenderContext getFontRenderContext() {
    return measure.getFontRenderContext();
  }

  @Override
  public void translate(int x, int y) {
    transform.translate(x, y);
  }

  @Override
  public void translate(double x, double y) {
    transform.translate(x, y);
  }

  @Override
  public void rotate(double theta) {
    transform.rotate(theta);
  }

  @Override
  public void rotate(double theta, double x, double y) {
    transform.rotate(theta, x, y);
  }

  @Override
  public void scale(double x, double y) {
    transform.scale(x, y);
  }

  @Override
  public void shear(double x, double y) {
    transform.shear(x, y);
  }

  @Override
  public void transform(AffineTransform more) {
    transform.concatenate(more);
  }

  @Override
  public void setTransform(AffineTransform value) {
    transform = new AffineTransform(value);
  }

  @Override
  public AffineTransform getTransform() {
    return new AffineTransform(transform);
  }

  @Override
  public void clip(Shape shape) {
    clip = shape;
  }

  @Override
  public void setClip(Shape shape) {
    clip = shape;
  }

  @Override
  public void setClip(int x, int y, int width, int height) {
    clip = new Rectangle(x, y, width, height);
  }

  @Override
  public void clipRect(int x, int y, int width, int height) {
    clip = new Rectangle(x, y, width, height);
  }

  @Override
  public Shape getClip() {
    return clip;
  }

  @Override
  public Rectangle getClipBounds() {
    return clip == null ? null : clip.getBounds();
  }

  // Hints and composites concern pixels.

  @Override
  public void setRenderingHint(RenderingHints.Key key, Object value) {}

  @Override
  public Object getRenderingHint(RenderingHints.Key key) {
    return measure.getRenderingHint(key);
  }

  @Override
  public void setRenderingHints(Map<?, ?> hints) {}

  @Override
  public void addRenderingHints(Map<?, ?> hints) {}

  @Override
  public RenderingHints getRenderingHints() {
    return measure.getRenderingHints();
  }

  @Override
  public void setComposite(Composite composite) {}

  @Override
  public Composite getComposite() {
    return measure.getComposite();
  }

  @Override
  public void setBackground(Color background) {}

  @Override
  public Color getBackground() {
    return Role.NONE.color();
  }

  @Override
  public void setPaintMode() {}

  @Override
  public void setXORMode(Color other) {
    throw unused();
  }

  // What no chart of ours draws.

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("charts are made of shapes");
  }

  @Override
  public GraphicsConfiguration getDeviceConfiguration() {
    return measure.getDeviceConfiguration();
  }

  @Override
  public boolean hit(Rectangle area, Shape shape, boolean onStroke) {
    return shape.intersects(area);
  }

  @Override
  public void drawString(String text, int x, int y) {
    throw unused();
  }

  @Override
  public void drawString(String text, float x, float y) {
    throw unused();
  }

  @Override
  public void drawString(AttributedCharacterIterator text, int x, int y) {
    throw unused();
  }

  @Override
  public void drawString(AttributedCharacterIterator text, float x, float y) {
    throw unused();
  }

  @Override
  public void drawGlyphVector(GlyphVector glyphs, float x, float y) {
    throw unused();
  }

  @Override
  public boolean drawImage(Image image, AffineTransform at, ImageObserver observer) {
    throw unused();
  }

  @Override
  public void drawImage(BufferedImage image, BufferedImageOp op, int x, int y) {
    throw unused();
  }

  @Override
  public void drawRenderedImage(RenderedImage image, AffineTransform at) {
    throw unused();
  }

  @Override
  public void drawRenderableImage(RenderableImage image, AffineTransform at) {
    throw unused();
  }

  @Override
  public boolean drawImage(Image image, int x, int y, ImageObserver observer) {
    throw unused();
  }

  @Override
  public boolean drawImage(Image image, int x, int y, int width, int height, ImageObserver observer) {
    throw unused();
  }

  @Override
  public boolean drawImage(Image image, int x, int y, Color background, ImageObserver observer) {
    throw unused();
  }

  @Override
  public boolean drawImage(Image image, int x, int y, int width, int height, Color background, ImageObserver observer) {
    throw unused();
  }

  @Override
  public boolean drawImage(Image image, int dx1, int dy1, int dx2, int dy2, int sx1, int sy1, int sx2, int sy2, ImageObserver observer) {
    throw unused();
  }

  @Override
  public boolean drawImage(Image image, int dx1, int dy1, int dx2, int dy2, int sx1, int sy1, int sx2, int sy2, Color background,
      ImageObserver observer) {
    throw unused();
  }

  @Override
  public void copyArea(int x, int y, int width, int height, int dx, int dy) {
    throw unused();
  }

  @Override
  public void clearRect(int x, int y, int width, int height) {}

  @Override
  public void drawRoundRect(int x, int y, int width, int height, int arcWidth, int arcHeight) {
    throw unused();
  }

  @Override
  public void fillRoundRect(int x, int y, int width, int height, int arcWidth, int arcHeight) {
    throw unused();
  }

  @Override
  public void drawOval(int x, int y, int width, int height) {
    throw unused();
  }

  @Override
  public void fillOval(int x, int y, int width, int height) {
    throw unused();
  }

  @Override
  public void drawArc(int x, int y, int width, int height, int start, int arc) {
    throw unused();
  }

  @Override
  public void fillArc(int x, int y, int width, int height, int start, int arc) {
    throw unused();
  }

  @Override
  public void drawPolyline(int[] x, int[] y, int count) {
    throw unused();
  }

  @Override
  public void drawPolygon(int[] x, int[] y, int count) {
    throw unused();
  }

  @Override
  public void fillPolygon(int[] x, int[] y, int count) {
    throw unused();
  }
}
