package dev.syrinx.bench.report;

import dev.syrinx.bench.report.chart.Axis;
import dev.syrinx.bench.report.chart.Labels;
import dev.syrinx.bench.report.chart.Plot;
import dev.syrinx.bench.report.chart.Role;
import dev.syrinx.bench.study.StudyRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** The stages' rates of computing beside what the machine can do at their intensity. */
final class Roofline {
  private static final String ID = "roofline";
  private static final String TITLE = "Roofline";

  private Roofline() {}

  private record Dot(String cell, StudyRecord.Work work) {
    double intensity() {
      return work.flops() / work.bytes();
    }

    double rate() {
      return work.flops() / work.seconds();
    }
  }

  static Figure figure(Cells cells) {
    List<StudyRecord> records = cells.of(Cells.REPORT, Cells.ONE).stream()
        .filter(r -> r.roof().flopsPerSecond() > 0 && r.roof().bytesPerSecond() > 0).toList();
    if (records.isEmpty()) {
      records = cells.measured().stream()
          .filter(r -> r.scenario().equals(Cells.ONE) && r.roof().flopsPerSecond() > 0 && r.roof().bytesPerSecond() > 0).limit(3).toList();
    }
    List<StudyRecord> shown = records;
    List<Dot> dots = new ArrayList<>();
    shown.forEach(r -> r.work().stream()
        .filter(w -> w.bytes() > 0 && w.flops() > 0 && w.seconds() > 0).forEach(w -> dots.add(new Dot(r.cell(), w))));
    if (dots.isEmpty()) {
      return Figure.absent(ID, TITLE, "no record has both the work of its stages and a measured roof");
    }
    StudyRecord.Roof roof = shown.getFirst().roof();
    String lead = "Each dot is a stage: operations for each byte that its kernels declare, and operations a second that it reached. The roof is " + roof.how() + ": "
        + Show.number(roof.bytesPerSecond() / 1e9) + " GB/s and " + Show.number(roof.flopsPerSecond() / 1e9) + " GFLOP/s.";
    List<String> names = shown.stream().map(StudyRecord::cell).distinct().toList();
    return Figure.picture(ID, TITLE, lead, shown, (width, css) -> plot(dots, names, roof, width, css));
  }

  private static String plot(List<Dot> dots, List<String> cells, StudyRecord.Roof roof, int width, String css) {
    double knee = roof.flopsPerSecond() / roof.bytesPerSecond();
    double left = DoubleStream.concat(dots.stream().mapToDouble(Dot::intensity), DoubleStream.of(knee / 2)).min().orElse(1);
    double right = DoubleStream.concat(dots.stream().mapToDouble(Dot::intensity), DoubleStream.of(knee * 2)).max().orElse(1);
    double low = dots.stream().mapToDouble(Dot::rate).min().orElse(1) / 1e9;
    Axis x = Axis.decades("operations per byte", left, right, Show::number);
    Axis y = Axis.decades("GFLOP/s", Math.min(low, roof.bytesPerSecond() * x.min() / 1e9),
        Math.max(roof.flopsPerSecond(), dots.stream().mapToDouble(Dot::rate).max().orElse(0)) / 1e9, Show::number);
    Plot plot = new Plot(width, 420, x, y);
    double top = roof.flopsPerSecond() / 1e9;
    double from = Math.max(x.min(), y.min() * 1e9 / roof.bytesPerSecond());
    plot.line(new double[] {from, Math.clamp(knee, from, x.max()), x.max()}, new double[] {from * roof.bytesPerSecond() / 1e9, top, top},
        Role.INK, 2);
    Labels labels = new Labels(plot);
    dots.forEach(d -> labels.point(d.intensity(), d.rate() / 1e9));
    for (Dot d : dots) {
      Role role = Role.series(cells.indexOf(d.cell()));
      plot.dot(d.intensity(), d.rate() / 1e9, 10, role, String.format(
          Locale.ROOT, "%s, %s: %s GFLOP/s at %s operations per byte, %.0f %% of the roof (%s-bound)", d.cell(), d.work().stage(),
              Show.number(d.rate() / 1e9),
          Show.number(d.intensity()), 100 * d.work().share(), d.work().bound()));
    }
    dots.forEach(d -> labels.add(
        d.intensity(), d.rate() / 1e9, "label t-" + Role.series(cells.indexOf(d.cell())).css(), d.cell() + " " + d.work().stage()));
    return plot.svg(css, TITLE);
  }
}
