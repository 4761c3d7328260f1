package dev.syrinx.bench.report.chart;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.awt.font.TextLayout;
import java.util.Optional;

/** Whether this Java has fonts: XChart lays pictures out with them, and servers often have none. */
public final class Fonts {
  private static final Optional<String> MISSING = missing();

  private Fonts() {}

  /** Why there are no pictures; empty where there are. */
  public static Optional<String> why() {
    return MISSING;
  }

  private static Optional<String> missing() {
    try {
      new TextLayout("0", new Font(Font.SANS_SERIF, Font.PLAIN, 12), new FontRenderContext(null, true, true));
      return Optional.empty();
    } catch (RuntimeException | LinkageError | InternalError e) { // what Java throws depends on what is missing: fontconfig, its fonts, FreeType
      return Optional.of(
          "Java has no fonts here to lay pictures out with (" + e.getMessage() + "); './syrinx bench report FOLDER' on a machine that has some makes the page again with its pictures");
    }
  }
}
