package dev.syrinx.bench.report;

import dev.syrinx.bench.study.OwnKernel;
import dev.syrinx.bench.study.StudyNames;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.Timing;
import java.util.ArrayList;
import java.util.List;

/** Kernels that the user brought: call by call in place, and the stages and the whole with them. */
final class OwnKernels {
  private static final String ID = "own-kernels";
  private static final String TITLE = "A kernel of one's own";
  static final List<String> CALLS = List.of("operation", "shape", "calls", "own", "instead of", "", "own/instead");
  static final List<String> STAGES = List.of("stage", "with it", "without", "times as fast");

  private OwnKernels() {}

  static List<StudyRecord> records(Cells cells) {
    return cells.measured().stream().filter(r -> !r.kernels().isEmpty()).toList();
  }

  static Figure figure(Cells cells) {
    List<StudyRecord> records = records(cells);
    if (records.isEmpty()) {
      return Figure.absent(ID, TITLE, "none was given; see --kernel");
    }
    StringBuilder html = new StringBuilder("<p>Timed by the device's clock on the calls of the model, with the buffers of their first call; the stages are wall time.</p>");
    for (StudyRecord r : records) {
      html.append("<h3>").append(Html.text(r.cell() + ", " + r.configuration().switches().getOrDefault("precision", ""))).append("</h3>");
      table(html, CALLS, calls(r));
      table(html, STAGES, stages(cells, r));
    }
    return new Figure(ID, TITLE, html.toString(), Caption.of(records));
  }

  /** One row a shape, the longest in all first, and one for all calls that both sides were timed on. */
  static List<List<String>> calls(StudyRecord r) {
    List<List<String>> rows = new ArrayList<>();
    double own = 0;
    double instead = 0;
    for (OwnKernel k : r.kernels()) {
      rows.add(List.of(
          k.kernel(), k.shape(), Long.toString(k.calls()), micros(k.ownMicros()), k.instead(), micros(k.insteadMicros()),
          k.timed() ? Show.times(k.ownMicros() / k.insteadMicros()) : ""));
      own += k.timed() ? k.calls() * k.ownMicros() : 0;
      instead += k.timed() ? k.calls() * k.insteadMicros() : 0;
    }
    if (own > 0) {
      rows.add(List.of("all that were timed", "", "", micros(own), "", micros(instead), Show.times(own / instead)));
    }
    return rows;
  }

  private static String micros(double value) {
    return value > 0 ? Show.value(value, "us") : "not timed";
  }

  static List<List<String>> stages(Cells cells, StudyRecord r) {
    List<List<String>> rows = new ArrayList<>();
    cells.baseline(r).ifPresent(b -> {
      List<String> names = new ArrayList<>(Stages.of(List.of(b, r)));
      names.add(StudyNames.TOTAL);
      for (String name : names) {
        Timing with = r.timings().get(name);
        Timing without = b.timings().get(name);
        if (with != null && without != null) {
          String ratio = cells.ratio(b, r, name).map(Ratio::words).orElse("");
          rows.add(List.of(name, Show.seconds(with.median()) + " (" + Show.interval(with) + ")", Show.seconds(without.median()), ratio));
        }
      }
    });
    return rows;
  }

  private static void table(StringBuilder html, List<String> headings, List<List<String>> rows) {
    html.append("<div class=\"scroll\"><table><thead><tr>");
    headings.forEach(h -> html.append("<th>").append(Html.text(h)).append("</th>"));
    html.append("</tr></thead><tbody>\n");
    rows.forEach(row -> {
      html.append("<tr>");
      row.forEach(cell -> html.append("<td>").append(Html.text(cell)).append("</td>"));
      html.append("</tr>\n");
    });
    html.append("</tbody></table></div>\n");
  }
}
