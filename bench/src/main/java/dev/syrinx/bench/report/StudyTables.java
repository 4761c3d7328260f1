package dev.syrinx.bench.report;

import dev.syrinx.bench.study.StudyNames;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A study's records as Markdown: the original report's table first, then each question. */
final class StudyTables {
  private StudyTables() {}

  static void write(Markdown out, String file, Cells cells) {
    out.paragraph("## Study " + file);
    if (cells.all().isEmpty()) {
      out.paragraph("No records.");
      return;
    }
    String runs = String.join(", ", cells.all().stream().map(StudyRecord::run).distinct().toList());
    out.paragraph("Run " + Markdown.cell(runs) + "; " + cells.measured().size() + " cells measured, " + cells.without().size()
        + " refused or failed. [file](results/" + file + ")");
    cells.all().stream().flatMap(r -> r.conditions().notes().stream()).distinct().forEach(n -> out.paragraph("Note: " + Markdown.cell(n) + "."));
    report(out, cells);
    List<StudyRecord> peers = PeerTable.records(cells);
    if (!peers.isEmpty()) {
      out.paragraph("### Beside other implementations, in the same run");
      out.table(PeerTable.headings(peers), PeerTable.rows(cells, peers));
      PeerTable.legend(peers).forEach(line -> out.line("- " + Markdown.cell(line)));
      out.line("");
    }
    cells.groups().values().stream()
        .filter(group -> !Set.of(Cells.REPORT, PeerTable.STUDY).contains(group.getFirst().study())).forEach(group -> group(out, cells, group));
    OwnKernels.records(cells).forEach(r -> {
      out.paragraph("### " + Markdown.cell(r.study() + ": " + r.cell() + ", call by call"));
      out.table(OwnKernels.CALLS, OwnKernels.calls(r));
      out.table(OwnKernels.STAGES, OwnKernels.stages(cells, r));
    });
    if (!cells.without().isEmpty()) {
      out.paragraph("Without numbers:");
      cells.without().forEach(r -> out.line("- " + Markdown.cell(
          r.study() + ", " + r.scenario() + ", " + r.cell() + ": " + r.state().label() + ": " + r.message())));
      out.line("");
    }
  }

  private static void report(Markdown out, Cells cells) {
    List<StudyRecord> records = cells.all().stream().filter(r -> r.study().equals(Cells.REPORT)).toList();
    if (records.isEmpty()) {
      return;
    }
    out.paragraph("### Baseline, accel and full in every scenario");
    ReportTable.rounding(records).ifPresent(words -> out.paragraph(Markdown.cell(words)));
    List<List<String>> rows = new ArrayList<>();
    for (String scenario : ReportTable.scenarios(records)) {
      for (String column : ReportTable.COLUMNS) {
        records.stream().filter(r -> r.scenario().equals(scenario) && r.cell().equals(column)).findFirst()
            .ifPresent(r -> rows.add(row(cells, ReportTable.words(scenario) + ", " + column, r)));
      }
    }
    table(out, "scenario", rows, records);
  }

  private static void group(Markdown out, Cells cells, List<StudyRecord> group) {
    StudyRecord first = group.getFirst();
    out.paragraph("### " + Markdown.cell(first.study() + ", " + ReportTable.words(first.scenario())));
    table(out, "cell", group.stream().map(r -> row(cells, r.cell(), r)).toList(), group);
  }

  private static void table(Markdown out, String first, List<List<String>> rows, List<StudyRecord> records) {
    out.table(List.of(first, "time", "times as fast", "per code", "RTF", "most memory", "saving", "price"), rows);
    out.paragraph(Markdown.cell(Caption.of(records.stream().filter(r -> r.state() == StudyRecord.State.MEASURED).toList())));
  }

  private static List<String> row(Cells cells, String name, StudyRecord r) {
    Timing total = r.timings().get(StudyNames.TOTAL);
    if (total == null) {
      return List.of(name, r.state().label(), "", "", "", "", "", r.message());
    }
    Optional<Memory> memory = Memory.of(r);
    return List.of(
        name, Show.seconds(total.median()) + " (" + Show.interval(total) + ")",
        cells.speedUp(r).map(Ratio::words).orElse("1"),
        median(r, StudyNames.MICROS_PER_TOKEN), median(r, StudyNames.REAL_TIME_FACTOR), memory.map(m -> Show.bytes(m.bytes())).orElse(""),
        memory.flatMap(m -> ReportTable.saving(cells, r, m)).orElse(""), PriceTag.of(r));
  }

  private static String median(StudyRecord r, String timing) {
    return Optional.ofNullable(r.timings().get(timing)).map(t -> Show.value(t.median(), t.unit())).orElse("");
  }
}
