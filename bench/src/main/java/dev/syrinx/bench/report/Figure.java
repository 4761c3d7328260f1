package dev.syrinx.bench.report;

import dev.syrinx.bench.report.chart.Fonts;
import dev.syrinx.bench.study.StudyRecord;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * A part of the page: a picture or a table with its configuration, or the reason why there is none.
 *
 * @param id anchor within the page
 * @param title heading, as text
 * @param body as HTML; empty if there is nothing to show
 * @param caption below it, as text; the reason if there is nothing to show
 */
record Figure(String id, String title, String body, String caption) {
  private static final int WIDE = 880;
  private static final int NARROW = 372;

  static Figure absent(String id, String title, String why) {
    return new Figure(id, title, "", why);
  }

  /** A picture of records. */
  static Figure picture(String id, String title, String lead, List<StudyRecord> records, BiFunction<Integer, String, String> draw) {
    Optional<String> why = Fonts.why();
    return why.isPresent() ? absent(id, title, why.get()) : new Figure(id, title, "<p>" + Html.text(lead) + "</p>" + both(draw), Caption.of(records));
  }

  /** A picture twice, for wide and narrow pages: the style sheet shows one. The function gets width and class. */
  static String both(BiFunction<Integer, String, String> draw) {
    return draw.apply(WIDE, "plot wide") + draw.apply(NARROW, "plot narrow");
  }


  String html() {
    if (body.isEmpty()) {
      return "<p class=\"absent\"><b>" + Html.text(title) + "</b> is left out: " + Html.text(caption) + "</p>\n";
    }
    return "<section id=\"" + Html.text(id) + "\"><h2>" + Html.text(title) + "</h2>\n" + body
        + (caption.isEmpty() ? "" : "<p class=\"configuration\">" + Html.text(caption) + "</p>") + "</section>\n";
  }
}
