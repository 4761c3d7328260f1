package dev.syrinx.bench.report;

import dev.syrinx.bench.study.StudyNames;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.Timing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Everything in numbers: all cells, what was refused and why, and how it was measured. */
final class Tables {
  private Tables() {}

  static Figure cells(Cells cells) {
    if (cells.measured().isEmpty()) {
      return Figure.absent("cells", "All cells", "nothing was measured");
    }
    StringBuilder html = new StringBuilder();
    cells.groups().values().stream().filter(group -> !group.getFirst().study().equals(PeerTable.STUDY)).forEach(group -> html.append(group(cells, group)));
    return new Figure("cells", "All cells", html.toString(), "");
  }

  private static String group(Cells cells, List<StudyRecord> group) {
    StudyRecord first = group.getFirst();
    StringBuilder html = new StringBuilder("<details><summary>"
        + Html.text(first.study() + ", " + ReportTable.words(first.scenario()) + ": " + group.size() + " cells")
        + "</summary><div class=\"scroll\"><table><thead><tr><th>cell</th><th>time</th><th>95 %</th><th>speed-up</th><th>per code</th><th>RTF</th><th>memory</th><th>price</th>"
        + "<th>switches</th></tr></thead><tbody>\n");
    for (StudyRecord r : group) {
      Timing total = r.timings().get(StudyNames.TOTAL);
      row(html, List.of(
          r.cell(), Show.seconds(total.median()), Show.interval(total), cells.speedUp(r).map(Ratio::words).orElse(""),
          median(r, StudyNames.MICROS_PER_TOKEN),
          median(r, StudyNames.REAL_TIME_FACTOR), Memory.of(r).map(m -> Show.bytes(m.bytes())).orElse(""), PriceTag.of(r), switches(r)));
    }
    return html.append("</tbody></table></div></details>\n").toString();
  }

  private static String switches(StudyRecord r) {
    String given = r.configuration().switches().entrySet().stream().map(e -> e.getKey() + " " + e.getValue())
        .collect(Collectors.joining(", "));
    return given + ", beams " + r.configuration().beams() + ", batch " + r.configuration().batch() + ", threads "
        + r.configuration().threads();
  }

  private static String median(StudyRecord r, String timing) {
    return Optional.ofNullable(r.timings().get(timing)).map(t -> Show.value(t.median(), t.unit())).orElse("");
  }

  private static void row(StringBuilder html, List<String> texts) {
    html.append("<tr>");
    texts.forEach(t -> html.append("<td>").append(Html.text(t)).append("</td>"));
    html.append("</tr>\n");
  }

  static Figure without(Cells cells) {
    List<StudyRecord> records = cells.without();
    if (records.isEmpty()) {
      return new Figure("without", "Cells without numbers", "<p>None: every cell was measured.</p>", "");
    }
    Map<String, List<StudyRecord>> reasons = records.stream()
        .collect(Collectors.groupingBy(r -> r.state().label() + ": " + r.message(), LinkedHashMap::new, Collectors.toList()));
    StringBuilder html = new StringBuilder("<ul class=\"reasons\">");
    reasons.forEach((why, which) -> html.append("<li><b>")
        .append(Html.text(which.stream().map(r -> r.study() + " " + r.cell()).distinct().collect(Collectors.joining(", "))))
        .append("</b> ").append(Html.text(why)).append("</li>\n"));
    return new Figure("without", "Cells without numbers", html.append("</ul>").toString(), "");
  }

  static Figure conditions(Cells cells) {
    Map<String, String> rows = new LinkedHashMap<>();
    if (cells.all().isEmpty()) {
      return Figure.absent("conditions", "How it was measured", "there are no records");
    }
    StudyRecord first = cells.measured().isEmpty() ? cells.all().getFirst() : cells.measured().getFirst();
    first.machine().forEach((k, v) -> rows.put(k, String.valueOf(v)));
    rows.put("machine hash", String.join(", ", cells.all().stream().map(StudyRecord::machineHash).distinct().toList()));
    rows.put("runs", String.join(", ", cells.all().stream().map(StudyRecord::run).distinct().toList()));
    rows.put("model", first.provenance().model() + ", " + first.provenance().modelHash());
    rows.put("kernels", first.provenance().kernelsHash());
    rows.put("versions", first.provenance().versions().toString());
    rows.put("price against", String.join("; ", cells.measured().stream().map(r -> r.price().reference()).distinct().toList()));
    rows.put("rounds that count", range(cells.measured().stream().map(r -> (double) r.conditions().rounds()).toList()));
    rows.put("rounds that something disturbed", range(cells.measured().stream().map(r -> (double) r.conditions().disturbed()).toList()));
    rows.put("load average before", range(cells.measured().stream().map(r -> r.conditions().loadBefore()).toList()));
    rows.put("GPU before, after", first.conditions().gpuBefore().isEmpty() ? "not told" : first.conditions().gpuBefore() + ", "
        + first.conditions().gpuAfter());
    cells.all().stream().flatMap(r -> r.conditions().notes().stream()).distinct()
        .forEach(n -> rows.merge("notes", n, (a, b) -> a + "; " + b));
    StringBuilder html = new StringBuilder("<div class=\"scroll\"><table class=\"pairs\"><tbody>\n");
    rows.forEach((k, v) -> html.append("<tr><th>").append(Html.text(k)).append("</th><td>").append(Html.text(v)).append("</td></tr>\n"));
    return new Figure("conditions", "How it was measured", html.append("</tbody></table></div>\n").toString(), "");
  }

  private static String range(List<Double> values) {
    double least = values.stream().mapToDouble(v -> v).min().orElse(0);
    double most = values.stream().mapToDouble(v -> v).max().orElse(0);
    return least == most ? Show.number(least) : Show.number(least) + " to " + Show.number(most);
  }
}
