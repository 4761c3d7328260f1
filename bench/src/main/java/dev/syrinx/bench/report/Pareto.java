package dev.syrinx.bench.report;

import dev.syrinx.bench.report.chart.Axis;
import dev.syrinx.bench.report.chart.Labels;
import dev.syrinx.bench.report.chart.Plot;
import dev.syrinx.bench.report.chart.Role;
import dev.syrinx.bench.study.Metric;
import dev.syrinx.bench.study.StudyNames;
import dev.syrinx.bench.study.StudyRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Speed against price: which configurations nobody beats in both. */
final class Pareto {
  private static final String ID = "pareto";
  private static final String TITLE = "Speed against price";
  private static final List<Metric> PRICES = List.of(Metric.MEL_CEPSTRAL_DISTANCE, Metric.LOG_SPECTRAL_DISTANCE, Metric.TOKEN_AGREEMENT);

  private Pareto() {}

  /** A cell's time and price; a price of which more is better is turned round. */
  record Point(StudyRecord record, double seconds, double price) {}

  static Figure figure(Cells cells) {
    List<StudyRecord> comparable = comparable(cells);
    for (Metric metric : PRICES) {
      List<Point> points = points(comparable, metric);
      if (points.size() >= 3 && points.stream().mapToDouble(Point::price).distinct().count() > 1) {
        return figure(metric, points);
      }
    }
    return Figure.absent(ID, TITLE,
        "fewer than three cells of scenario \"one\" with equal text have a distance to the reference, or all are equal");
  }

  /** The largest set of cells that spoke the same. */
  private static List<StudyRecord> comparable(Cells cells) {
    return cells.measured().stream().filter(r -> r.scenario().equals(Cells.ONE))
        .collect(Collectors.groupingBy(Pareto::task, LinkedHashMap::new, Collectors.toList())).values().stream()
        .max(Comparator.comparingInt(List::size)).orElse(List.of());
  }

  private static List<Object> task(StudyRecord r) {
    var c = r.configuration();
    return List.of(c.codes(), c.textTokens(), c.text(), c.utterances(), c.batch(), c.beams(), c.seed(), c.threads(), c.deviceName(),
        r.provenance().modelHash());
  }

  private static List<Point> points(List<StudyRecord> records, Metric metric) {
    Map<String, Point> points = new LinkedHashMap<>(); // the same switches in several studies are one configuration: the first speaks for it
    for (StudyRecord r : records) {
      r.price().figures().value(metric).ifPresent(v -> points.putIfAbsent(
          r.configuration().switches() + " " + r.configuration().sequences(),
          new Point(r, r.timings().get(StudyNames.TOTAL).median(), metric.better() == Metric.Better.LESS ? v : 1 - v)));
    }
    return List.copyOf(points.values());
  }

  /** Points that no other beats in both, from the fastest on. */
  static List<Point> frontier(List<Point> points) {
    List<Point> best = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    for (Point p : points.stream().sorted(Comparator.comparingDouble(Point::seconds).thenComparingDouble(Point::price)).toList()) {
      if (p.price() < least) {
        best.add(p);
        least = p.price();
      }
    }
    return best;
  }

  private static Figure figure(Metric metric, List<Point> points) {
    String price = metric == Metric.TOKEN_AGREEMENT ? "share of codes that differ" : PriceTag.name(metric) + ", " + metric.unit();
    String lead = "Down is nearer to the reference, left is faster. The line joins the configurations that none beats in both; each configuration stands once, though several studies"
        + " may hold it.";
    List<StudyRecord> records = points.stream().map(Point::record).toList();
    return Figure.picture(ID, TITLE, lead, records, (width, css) -> plot(points, price, width, css));
  }

  private static String plot(List<Point> points, String price, int width, String css) {
    double slowest = points.stream().mapToDouble(Point::seconds).max().orElse(1);
    double dearest = points.stream().mapToDouble(Point::price).max().orElse(1);
    int height = 400;
    Axis x = Axis.fromZero("seconds", slowest, Show::number);
    Plot plot = new Plot(width, height, x, new Axis(price, -0.06 * dearest, dearest * 1.12, false, v -> v < 0 ? "" : Show.number(v)));
    List<Point> best = frontier(points);
    plot.line(best.stream().mapToDouble(Point::seconds).toArray(), best.stream().mapToDouble(Point::price).toArray(), Role.GOOD, 1.6);
    Labels labels = new Labels(plot);
    for (Point p : points) {
      boolean front = best.contains(p);
      String name = name(p.record());
      plot.dot(p.seconds(), p.price(), front ? 11 : 8, front ? Role.GOOD : Role.SOFT, name + ": " + Show.seconds(p.seconds()) + "; "
          + PriceTag.of(p.record()));
      labels.point(p.seconds(), p.price());
    }
    best.forEach(p -> labels.add(p.seconds(), p.price(), "label", name(p.record())));
    points.stream().filter(p -> !best.contains(p)).forEach(p -> labels.add(p.seconds(), p.price(), "note", name(p.record())));
    return plot.svg(css, TITLE);
  }

  private static String name(StudyRecord r) {
    return r.study().equals(Cells.REPORT) ? r.cell() : r.study() + ": " + r.cell();
  }
}
