package dev.syrinx.bench.report.chart;

import java.awt.Color;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a colour is for. Drawings name roles, and the page's style sheet says how each looks in the light and in the dark. */
public enum Role {
  INK(1), MUTED(2), GRID(3), FIRST(4), SECOND(5), THIRD(6), FOURTH(7), FIFTH(8), SIXTH(9), GOOD(10), BAD(11), SOFT(12),
  /** Drawn by nobody: what a chart library paints and the page does not want. */
  NONE(13),
  /** The rectangle of the data: remembered, not drawn. */
  PLOT(14);

  private static final List<Role> SERIES = List.of(FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH);

  private final Color color;

  Role(int red) {
    color = new Color(red, 2, 3);
  }

  /** The role of a series by its number; after the sixth they begin again. */
  public static Role series(int number) {
    return SERIES.get(number % SERIES.size());
  }

  /** A colour that stands for this role while a chart is laid out. */
  Color color() {
    return color;
  }

  static Optional<Role> of(Color color) {
    return Arrays.stream(values()).filter(r -> r.color().getRGB() == color.getRGB()).findFirst();
  }

  /** Name in the style sheet. */
  public String css() {
    return name().toLowerCase(Locale.ROOT);
  }
}
