package dev.syrinx.bench.report;

import dev.syrinx.bench.study.StudyNames;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Other implementations beside ours, stage by stage and in all. */
final class PeerTable {
  /** Name of the study. */
  static final String STUDY = "peers";

  private static final String ID = "peers";
  private static final String TITLE = "Beside other implementations";
  private static final String OURS = "Syrinx";

  private PeerTable() {}

  static List<StudyRecord> records(Cells cells) {
    return cells.all().stream().filter(r -> r.study().equals(STUDY)).toList();
  }

  static Figure figure(Cells cells) {
    List<StudyRecord> records = records(cells);
    if (records.isEmpty()) {
      return Figure.absent(ID, TITLE, "none was given; see --python and --index-tts");
    }
    StringBuilder html = new StringBuilder("<p>In turn with ours, in the same run, on the same shapes and random values. Ten seconds of speech are the sum of their stages.</p>"
        + "<div class=\"scroll\"><table><thead><tr>");
    headings(records).forEach(h -> html.append("<th>").append(Html.text(h)).append("</th>"));
    html.append("</tr></thead><tbody>\n");
    rows(cells, records).forEach(row -> {
      html.append("<tr>");
      row.forEach(cell -> html.append("<td>").append(Html.text(cell)).append("</td>"));
      html.append("</tr>\n");
    });
    html.append("</tbody></table></div>\n<ul>");
    legend(records).forEach(line -> html.append("<li>").append(Html.text(line)).append("</li>\n"));
    List<StudyRecord> ours = records.stream().filter(r -> r.cell().equals(OURS) && r.state() == StudyRecord.State.MEASURED).toList();
    return new Figure(ID, TITLE, html.append("</ul>").toString(), Caption.of(ours));
  }

  private static List<String> labels(List<StudyRecord> records) {
    return records.stream().map(StudyRecord::cell).distinct().toList();
  }

  static List<String> headings(List<StudyRecord> records) {
    List<String> headings = new ArrayList<>(List.of("case"));
    labels(records).forEach(label -> {
      headings.add(label);
      if (!label.equals(OURS)) {
        headings.add(OURS + " is times as fast");
      }
    });
    return headings;
  }

  /** One row a case: each side's time, and how many times as fast ours is. */
  static List<List<String>> rows(Cells cells, List<StudyRecord> records) {
    List<List<String>> rows = new ArrayList<>();
    for (String scenario : records.stream().map(StudyRecord::scenario).distinct().toList()) {
      List<String> row = new ArrayList<>(List.of(scenario));
      Optional<StudyRecord> ours = find(records, scenario, OURS);
      for (String label : labels(records)) {
        Optional<StudyRecord> side = find(records, scenario, label);
        row.add(side.map(PeerTable::time).orElse(""));
        if (!label.equals(OURS)) {
          row.add(side.flatMap(s -> ours.flatMap(o -> cells.ratio(s, o, StudyNames.TOTAL))).map(Ratio::words).orElse(""));
        }
      }
      rows.add(row);
    }
    return rows;
  }

  private static Optional<StudyRecord> find(List<StudyRecord> records, String scenario, String label) {
    return records.stream().filter(r -> r.scenario().equals(scenario) && r.cell().equals(label)).findFirst();
  }

  private static String time(StudyRecord r) {
    Timing total = r.timings().get(StudyNames.TOTAL);
    return total == null ? "not measured" : Show.seconds(total.median()) + " (" + Show.interval(total) + ")";
  }

  /** What the sides and the cases are, and why some have no times. */
  static List<String> legend(List<StudyRecord> records) {
    List<String> lines = new ArrayList<>();
    for (String label : labels(records)) {
      StudyRecord first = records.stream().filter(r -> r.cell().equals(label)).findFirst().orElseThrow();
      String what = first.configuration().switches().getOrDefault("implementation", "precision " + first.configuration().switches().getOrDefault("precision", ""));
      lines.add(label + ": " + what);
      records.stream().filter(r -> r.cell().equals(label) && !r.message().isEmpty()).map(StudyRecord::message).distinct().forEach(why -> lines.add(label + " has no times: " + why));
    }
    records.stream().filter(r -> r.cell().equals(OURS)).forEach(r -> lines.add(r.scenario() + ": " + r.configuration().switches().getOrDefault("case", "")));
    return lines;
  }
}
