package dev.syrinx.bench.report.chart;

import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;

/**
 * Names beside points, where there is room: a name that finds none is left to the point's tooltip. Give all points first, then names by
 * importance.
 */
public final class Labels {
  /** Mean width of a letter at the size of labels, in pixels. */
  private static final double LETTER = 6.9;

  private static final double LINE = 14;
  private static final double GAP = 9;

  private final Plot plot;
  private final List<Rectangle2D> taken = new ArrayList<>();

  /** Names for a plot whose axes are set. */
  public Labels(Plot plot) {
    this.plot = plot;
  }

  /** A point that no name may cover. */
  public void point(double x, double y) {
    taken.add(new Rectangle2D.Double(plot.pixelX(x) - 6, plot.pixelY(y) - 6, 12, 12));
  }

  /** Whether the name of a point found room. */
  public boolean add(double x, double y, String css, String text) {
    double length = text.length() * LETTER;
    double px = plot.pixelX(x);
    double py = plot.pixelY(y);
    Rectangle2D room = plot.room();
    for (double[] place : new double[][] {{GAP, 4}, {-GAP - length, 4}, {-length / 2, -GAP}, {-length / 2, GAP + 11}, {GAP, -GAP},
        {GAP, GAP + 11}, {-GAP - length, -GAP},
        {-GAP - length, GAP + 11}}) {
      Rectangle2D box = new Rectangle2D.Double(px + place[0], py + place[1] - LINE + 3, length, LINE);
      if (room.contains(box) && taken.stream().noneMatch(box::intersects)) {
        taken.add(box);
        plot.text(x, y, place[0], place[1], Plot.Anchor.START, css, text);
        return true;
      }
    }
    return false;
  }
}
