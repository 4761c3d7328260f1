package dev.syrinx.bench.report;

import dev.syrinx.bench.report.chart.Axis;
import dev.syrinx.bench.report.chart.Labels;
import dev.syrinx.bench.report.chart.Plot;
import dev.syrinx.bench.report.chart.Role;
import dev.syrinx.bench.study.StudyNames;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.Timing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** How time grows with the length of the speech, and throughput with the number of requests at a time. */
final class Scaling {
  private Scaling() {}

  /** One line of the picture. */
  private record Series(String name, List<Point> points) {}

  private record Point(double x, Timing y, StudyRecord record) {}

  static Figure length(Cells cells) {
    List<StudyRecord> records = cells.of("length");
    String title = "Scaling with length";
    if (records.stream().mapToInt(Scaling::codes).distinct().count() < 2) {
      return Figure.absent("length", title, "no study \"length\" with at least two lengths");
    }
    List<Series> series = new ArrayList<>();
    List<String> configurations = records.stream().map(Scaling::configuration).distinct().toList();
    for (String configuration : configurations) {
      List<StudyRecord> mine = records.stream().filter(r -> configuration(r).equals(configuration)).toList();
      series.add(line(configurations.size() == 1 ? "total" : configuration, mine, StudyNames.TOTAL, Scaling::codes));
    }
    if (configurations.size() == 1) {
      Stages.of(records).stream().map(stage -> line(stage, records, stage, Scaling::codes))
          .filter(s -> weighs(s, series.getFirst())).forEach(series::add);
    }
    String lead = "Time over the codes of an utterance"
        + (configurations.size() == 1 ? ", and the stages it is made of." : ", for each configuration.");
    return Figure.picture("length", title, lead, records, (width, css) -> plot(series, "codes", "seconds", width, css, title));
  }

  /** Stages that never reach a fiftieth of the whole are left out. */
  private static boolean weighs(Series stage, Series total) {
    double most = total.points().stream().mapToDouble(p -> p.y().median()).max().orElse(0);
    return stage.points().stream().anyMatch(p -> p.y().median() > most / 50);
  }

  static Figure batch(Cells cells) {
    List<StudyRecord> records = cells.of("batch").stream().filter(r -> r.timings().containsKey(StudyNames.UTTERANCES_PER_SECOND)).toList();
    String title = "Scaling with batch";
    if (records.stream().mapToInt(r -> r.configuration().batch()).distinct().count() < 2) {
      return Figure.absent("batch", title, "no study \"batch\" with at least two sizes");
    }
    // Where scenarios differ in their requests at a time, cells are the configurations; else each size is a cell.
    boolean byCell = records.stream().map(StudyRecord::scenario).distinct().count() > 1;
    Function<StudyRecord, String> name = byCell ? StudyRecord::cell : Scaling::configuration;
    List<Series> series = records.stream().map(name).distinct()
        .map(n -> line(n, records.stream().filter(r -> name.apply(r).equals(n)).toList(), StudyNames.UTTERANCES_PER_SECOND,
            r -> r.configuration().batch()))
        .toList();
    String lead = "Utterances in a second over requests made at a time.";
    return Figure.picture("batch", title, lead, records,
        (width, css) -> plot(series, "requests at a time", "utterances per second", width, css, title));
  }

  private static int codes(StudyRecord r) {
    return r.output().codes().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  private static String configuration(StudyRecord r) {
    return r.configuration().preset() + " " + r.configuration().switches().getOrDefault("precision", "") + beams(r);
  }

  private static String beams(StudyRecord r) {
    return r.configuration().beams() == 1 ? "" : ", " + r.configuration().beams() + " beams";
  }

  private static Series line(String name, List<StudyRecord> records, String timing, ToDoubleFunction<StudyRecord> x) {
    Map<Double, Point> points = new LinkedHashMap<>();
    records.stream().filter(r -> r.timings().containsKey(timing))
        .forEach(r -> points.putIfAbsent(x.applyAsDouble(r), new Point(x.applyAsDouble(r), r.timings().get(timing), r)));
    return new Series(name, points.values().stream().sorted(Comparator.comparingDouble(Point::x)).toList());
  }

  private static String plot(List<Series> series, String xTitle, String yTitle, int width, String css, String title) {
    List<Point> all = series.stream().flatMap(s -> s.points().stream()).toList();
    double right = all.stream().mapToDouble(Point::x).max().orElse(1);
    double top = all.stream().mapToDouble(p -> p.y().high()).max().orElse(1);
    Plot plot = new Plot(width, 360, new Axis(xTitle, 0, right * (width < 600 ? 1.35 : 1.2), false, Show::number),
        Axis.fromZero(yTitle, top * 1.04, Show::number));
    Labels labels = new Labels(plot);
    all.forEach(p -> labels.point(p.x(), p.y().median()));
    for (int i = 0; i < series.size(); i++) {
      Series s = series.get(i);
      Role role = Role.series(i);
      plot.line(s.points().stream().mapToDouble(Point::x).toArray(), s.points().stream().mapToDouble(p -> p.y().median()).toArray(), role,
          2);
      for (Point p : s.points()) {
        plot.line(new double[] {p.x(), p.x()}, new double[] {p.y().low(), p.y().high()}, role, 1.4);
        plot.dot(p.x(), p.y().median(), 8, role, s.name() + ", " + Show.number(p.x()) + " " + xTitle + ": "
            + Show.value(p.y().median(), p.y().unit()) + "; " + PriceTag.of(p.record()));
      }
    }
    for (int i = 0; i < series.size(); i++) {
      named(labels, series.get(i), "label t-" + Role.series(i).css());
    }
    return plot.svg(css, title);
  }

  /** At the line's last point that has room. */
  private static void named(Labels labels, Series s, String css) {
    for (Point p : s.points().reversed()) {
      if (labels.add(p.x(), p.y().median(), css, s.name())) {
        return;
      }
    }
  }
}
