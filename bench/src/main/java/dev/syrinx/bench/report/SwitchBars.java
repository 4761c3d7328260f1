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
import java.util.Set;

/** One picture for each question: how many times as fast as its baseline each cell is, and its price. */
final class SwitchBars {
  private static final Set<String> ELSEWHERE = Set.of(Cells.REPORT, PeerTable.STUDY, "waterfall", "batch");

  private SwitchBars() {}

  static List<Figure> figures(Cells cells) {
    List<Figure> figures = new ArrayList<>();
    cells.groups().values().forEach(group -> {
      StudyRecord first = group.getFirst();
      if (!ELSEWHERE.contains(first.study()) && group.size() > 1 && sameWork(group)
          && group.stream().anyMatch(r -> cells.speedUp(r).isPresent())) {
        figures.add(figure(cells, group));
      }
    });
    return figures;
  }

  /** Cells that speak more or less than others are compared by their rates, in a picture of their own. */
  private static boolean sameWork(List<StudyRecord> group) {
    return Cells.common(group.stream().map(r -> List.of(r.configuration().codes(), r.configuration().utterances())).toList()).isPresent();
  }

  private static Figure figure(Cells cells, List<StudyRecord> group) {
    StudyRecord first = group.getFirst();
    boolean one = first.scenario().equals(Cells.ONE);
    String title = "Study: " + first.study() + (one ? "" : ", " + first.scenario());
    String lead = "Times as fast as " + first.baseline() + ", whole scenario; bars end at the median, thin lines are 95 % intervals.";
    List<Bars.Row> rows = group.stream().map(r -> row(cells, r)).toList();
    Bars bars = new Bars("times as fast as " + first.baseline(), rows, Show::number, OptionalDouble.of(1));
    return Figure.picture("study-" + first.study() + "-" + first.scenario(), title, lead, group,
        (width, css) -> bars.svg(width, css, title));
  }

  private static Bars.Row row(Cells cells, StudyRecord r) {
    Optional<Ratio> ratio = cells.speedUp(r);
    Timing total = r.timings().get(StudyNames.TOTAL);
    String took = Show.seconds(total.median());
    String hover = r.cell() + ": " + took + " (" + Show.interval(total) + "); " + PriceTag.of(r);
    if (ratio.isEmpty()) {
      return new Bars.Row(r.cell(), took, PriceTag.brief(r), 0, 1, 1, 1, Role.SOFT, hover);
    }
    Ratio v = ratio.get();
    Role role = !v.differs() ? Role.MUTED : v.value() > 1 ? Role.GOOD : Role.BAD;
    return new Bars.Row(r.cell(), Show.times(v.value()) + " · " + took, PriceTag.brief(r), 0, v.value(), v.low(), v.high(), role, hover);
  }
}
