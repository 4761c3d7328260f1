package dev.syrinx.bench.report;

import dev.syrinx.bench.study.Metric;
import dev.syrinx.bench.study.StudyNames;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.Timing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The table of the original report: three configurations in every scenario, with time, speed-up, memory, saving and price. */
final class ReportTable {
  static final List<String> COLUMNS = List.of("baseline", "accel", "full");

  private static final String ID = "report";
  private static final String TITLE = "Baseline, accel and full in every scenario";

  /** Scenarios in the order of the original report, in words. */
  private static final Map<String, String> SCENARIOS = new LinkedHashMap<>();

  static {
    SCENARIOS.put("one", "one speaker");
    for (String number : List.of("two", "three", "four")) {
      SCENARIOS.put(number + "-batched", number + " speakers, batched");
      SCENARIOS.put(number + "-serial", number + " speakers, in turn");
    }
    SCENARIOS.put("emotion-audio", "emotion by audio");
    SCENARIOS.put("emotion-vector", "emotion by vector");
  }

  private ReportTable() {}

  /** Scenarios of the records, known ones first and in order. */
  static List<String> scenarios(List<StudyRecord> records) {
    List<String> names = new ArrayList<>(SCENARIOS.keySet().stream()
        .filter(s -> records.stream().anyMatch(r -> r.scenario().equals(s))).toList());
    records.stream().map(StudyRecord::scenario).distinct().filter(s -> !names.contains(s)).forEach(names::add);
    return names;
  }

  static String words(String scenario) {
    return SCENARIOS.getOrDefault(scenario, scenario);
  }

  static Figure figure(Cells cells) {
    List<StudyRecord> records = cells.all().stream().filter(r -> r.study().equals(Cells.REPORT)).toList();
    if (records.isEmpty()) {
      return Figure.absent(ID, TITLE, "the records have no study \"report\"");
    }
    StringBuilder table = new StringBuilder("<div class=\"scroll\"><table class=\"report\"><thead><tr><th>scenario</th>");
    COLUMNS.forEach(c -> table.append("<th>").append(c).append("</th>"));
    table.append("</tr></thead><tbody>\n");
    for (String scenario : scenarios(records)) {
      table.append("<tr><th>").append(Html.text(words(scenario))).append("</th>");
      for (String column : COLUMNS) {
        Optional<StudyRecord> record = records.stream().filter(r -> r.scenario().equals(scenario) && r.cell().equals(column)).findFirst();
        table.append("<td data-column=\"").append(column).append("\">")
            .append(record.map(r -> cell(cells, r)).orElse("<span class=\"muted\">not in the records</span>")).append("</td>");
      }
      table.append("</tr>\n");
    }
    table.append("</tbody></table></div>\n");
    List<StudyRecord> measured = records.stream().filter(r -> r.state() == StudyRecord.State.MEASURED).toList();
    String lead = "<p>Time of the whole scenario with its 95 % interval, speed-up over baseline, most memory, and the price: distance of the sound from the reference's.</p>";
    return new Figure(ID, TITLE, lead + rounding(measured).map(words -> "<p>" + Html.text(words) + "</p>").orElse("") + table, Caption.of(measured));
  }

  /** What a likeness means in this model; empty where nobody took it. */
  static Optional<String> rounding(List<StudyRecord> records) {
    return records.stream().flatMap(r -> r.price().figures().value(Metric.ROUNDING_SNR).stream().boxed()).findFirst()
        .map(snr -> "The reference itself changes to an SNR of " + Show.value(snr, "dB") + " when each number of the voice is changed by a millionth, about as much as rounding does:"
            + " an SNR near that, or below, shows rounding that this model amplifies, not what a switch costs.");
  }

  private static String cell(Cells cells, StudyRecord r) {
    if (r.state() != StudyRecord.State.MEASURED) {
      return "<span class=\"muted\">" + r.state().label() + ": " + Html.text(r.message()) + "</span>";
    }
    List<String> lines = lines(cells, r);
    StringBuilder html = new StringBuilder("<b>" + Html.text(lines.getFirst()) + "</b>");
    lines.stream().skip(1).forEach(line -> html.append("<small>").append(Html.text(line)).append("</small>"));
    return html.toString();
  }

  /** What a cell of the table says, the time first. */
  static List<String> lines(Cells cells, StudyRecord r) {
    List<String> lines = new ArrayList<>();
    Timing total = r.timings().get(StudyNames.TOTAL);
    lines.add(total == null ? "no total" : Show.seconds(total.median()));
    if (total != null) {
      lines.add(Show.interval(total));
    }
    cells.speedUp(r).ifPresent(v -> lines.add(v.words()));
    Optional<Memory> memory = Memory.of(r);
    memory.ifPresent(m -> lines.add(Show.bytes(m.bytes()) + saving(cells, r, m).map(words -> ", " + words).orElse("")));
    lines.add(PriceTag.brief(r));
    r.price().figures().value(Metric.THD).ifPresent(v -> lines.add("THD " + Show.value(v, "%")));
    return lines;
  }

  /** What a cell saves of its baseline's memory; empty for the baseline itself. */
  static Optional<String> saving(Cells cells, StudyRecord r, Memory memory) {
    return r.cell().equals(r.baseline())
        ? Optional.empty()
        : memory.saving(cells.baseline(r).flatMap(Memory::of)).map(share -> Memory.words(share, r.baseline()));
  }
}
