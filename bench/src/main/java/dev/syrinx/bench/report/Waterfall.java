package dev.syrinx.bench.report;

import dev.syrinx.bench.report.chart.Bars;
import dev.syrinx.bench.report.chart.Role;
import dev.syrinx.bench.study.StudyNames;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** From the baseline's time to the full one's: switch by switch where a study took the steps, else stage by stage. */
final class Waterfall {
  private static final String ID = "waterfall";
  private static final String TITLE = "From baseline to full";

  /** Share of the baseline's time from which on a change is drawn. */
  private static final double VISIBLE = 0.005;

  private Waterfall() {}

  static Figure figure(Cells cells) {
    List<StudyRecord> steps = cells.of(ID, Cells.ONE);
    if (steps.size() >= 2) {
      String lead = "Each bar is one more switch than the one above it: what it takes off the time, or adds.";
      return Figure.picture(ID, TITLE, lead, steps, (width, css) -> bars(bySwitch(steps)).svg(width, css, TITLE));
    }
    Optional<StudyRecord> baseline = cells.find(Cells.REPORT, Cells.ONE, "baseline");
    Optional<StudyRecord> full = cells.find(Cells.REPORT, Cells.ONE, "full");
    if (baseline.isEmpty() || full.isEmpty()) {
      return Figure.absent(ID, TITLE, "the records have neither a study \"waterfall\" nor the cells baseline and full of study \"report\"");
    }
    List<StudyRecord> both = List.of(baseline.get(), full.get());
    String lead = "What each stage takes off the time, or adds, when every switch goes from baseline to full.";
    return Figure.picture(ID, TITLE, lead, both, (width, css) -> bars(byStage(both.getFirst(), both.getLast())).svg(width, css, TITLE));
  }

  private static Bars bars(List<Bars.Row> rows) {
    return new Bars("seconds", rows, Show::number, OptionalDouble.empty());
  }

  static List<Bars.Row> bySwitch(List<StudyRecord> steps) {
    List<Bars.Row> rows = new ArrayList<>();
    rows.add(whole(steps.getFirst().cell(), steps.getFirst()));
    for (int i = 1; i < steps.size(); i++) {
      double before = total(steps.get(i - 1)).median();
      rows.add(change(steps.get(i).cell(), before, total(steps.get(i)).median(), PriceTag.brief(steps.get(i))));
    }
    rows.add(whole("with all of them", steps.getLast()));
    return rows;
  }

  static List<Bars.Row> byStage(StudyRecord baseline, StudyRecord full) {
    List<Bars.Row> rows = new ArrayList<>();
    rows.add(whole(baseline.cell(), baseline));
    double at = total(baseline).median();
    for (String stage : Stages.of(List.of(baseline, full))) {
      Timing before = baseline.timings().get(stage);
      Timing after = full.timings().get(stage);
      if (before != null && after != null && Math.abs(after.median() - before.median()) > VISIBLE * total(baseline).median()) {
        double next = at + after.median() - before.median();
        rows.add(change(stage, at, next, ""));
        at = next;
      }
    }
    double rest = total(full).median();
    if (Math.abs(rest - at) > VISIBLE * total(baseline).median()) {
      rows.add(change("everything else", at, rest, "smaller changes, and what medians of stages lack of the median of the whole"));
    }
    rows.add(whole(full.cell(), full));
    return rows;
  }

  private static Timing total(StudyRecord record) {
    return record.timings().get(StudyNames.TOTAL);
  }

  private static Bars.Row whole(String name, StudyRecord record) {
    Timing total = total(record);
    String value = Show.seconds(total.median());
    return new Bars.Row(
        name, value, PriceTag.brief(record), 0, total.median(), total.low(), total.high(), Role.FIRST,
        name + ": " + value + " (" + Show.interval(total) + "); " + PriceTag.of(record));
  }

  private static Bars.Row change(String name, double before, double after, String note) {
    String sign = after <= before ? "−" : "+";
    String value = sign + Show.seconds(Math.abs(after - before));
    Role role = after <= before ? Role.GOOD : Role.BAD;
    return new Bars.Row(name, value, note, Math.min(before, after), Math.max(before, after), 0, 0, role, name + ": " + value);
  }
}
