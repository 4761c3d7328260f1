package dev.syrinx.bench.report;

import dev.syrinx.bench.study.StudyRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A study as one HTML file that needs no other file, no script and no network. */
public final class Page {
  private static final String TITLE = "Syrinx: what each acceleration gives, and what it costs";

  private Page() {}

  /** The page of a study's records. */
  public static String html(List<StudyRecord> records) {
    Cells cells = new Cells(records);
    List<Figure> figures = new ArrayList<>(List.of(Headline.figure(cells), ReportTable.figure(cells), PeerTable.figure(cells), Waterfall.figure(cells),
        Pareto.figure(cells)));
    figures.addAll(SwitchBars.figures(cells));
    figures.addAll(List.of(
        OwnKernels.figure(cells), Scaling.length(cells), Scaling.batch(cells), MemoryBars.figure(cells), Roofline.figure(cells), Tables.cells(cells),
            Tables.without(cells), Tables.conditions(cells)));
    StringBuilder page = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    page.append(Html.text(TITLE)).append("</title>\n<style>\n").append(style()).append("</style></head>\n<body><main>\n<h1>")
        .append(Html.text(TITLE)).append("</h1>\n");
    page.append("<p class=\"lead\">").append(Html.text(lead(cells))).append("</p>\n");
    cells.all().stream().flatMap(r -> r.conditions().notes().stream()).distinct()
        .forEach(n -> page.append("<p class=\"remark\">").append(Html.text(n)).append("</p>\n"));
    figures.stream().filter(f -> !f.body().isEmpty()).forEach(f -> page.append(f.html()));
    List<Figure> absent = figures.stream().filter(f -> f.body().isEmpty()).toList();
    if (!absent.isEmpty()) {
      page.append("<section id=\"absent\"><h2>Not in this study</h2>\n");
      absent.forEach(f -> page.append(f.html()));
      page.append("</section>\n");
    }
    return page.append("</main></body></html>\n").toString();
  }

  private static String lead(Cells cells) {
    long measured = cells.measured().size();
    String counts = measured + " cells measured, " + cells.without().size() + " refused or failed.";
    if (measured == 0) {
      return counts;
    }
    List<String> devices = cells.measured().stream()
        .map(r -> r.configuration().deviceName().isBlank() ? r.configuration().device()
            : r.configuration().deviceName()).distinct().toList();
    List<String> models = cells.measured().stream().map(r -> r.provenance().model()).distinct().toList();
    return String.join(" and ", devices) + "; model: " + String.join(", ", models) + ". " + counts
        + " Times stand with their 95 % intervals, over rounds and processes; every speed stands with its configuration and its price.";
  }

  private static String style() {
    try (InputStream in = Page.class.getResourceAsStream("page.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the style sheet is a resource beside this class", e);
    }
  }
}
