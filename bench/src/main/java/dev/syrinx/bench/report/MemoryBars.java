package dev.syrinx.bench.report;

import dev.syrinx.bench.report.chart.Bars;
import dev.syrinx.bench.report.chart.Role;
import dev.syrinx.bench.study.Metric;
import dev.syrinx.bench.study.StudyRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Memory as planned beside memory as measured. */
final class MemoryBars {
  private static final String ID = "memory";
  private static final String TITLE = "Memory, planned and measured";
  private static final double GIB = 1L << 30;
  private static final int MOST = 6;

  /** What is shown of a cell, in this order. */
  private static final Map<Metric, Role> SHOWN = new LinkedHashMap<>();

  static {
    SHOWN.put(Metric.PLANNED_DEVICE_BYTES, Role.SOFT);
    SHOWN.put(Metric.ENGINE_DEVICE_BYTES, Role.FIRST);
    SHOWN.put(Metric.DEVICE_BYTES, Role.SECOND);
    SHOWN.put(Metric.OFF_HEAP_BYTES, Role.FIRST);
    SHOWN.put(Metric.HOST_BYTES, Role.SECOND);
  }

  private MemoryBars() {}

  static Figure figure(Cells cells) {
    List<StudyRecord> records = shown(cells.of(Cells.REPORT, Cells.ONE));
    if (records.isEmpty()) {
      records = shown(cells.measured().stream().filter(r -> r.scenario().equals(Cells.ONE)).toList());
    }
    if (records.isEmpty()) {
      return Figure.absent(ID, TITLE, "no record says how much memory was in use");
    }
    List<Bars.Row> rows = new ArrayList<>();
    records.forEach(r -> rows.addAll(rows(r)));
    Bars bars = new Bars("GiB", rows, Show::number, OptionalDouble.empty());
    boolean gpu = records.stream().anyMatch(r -> r.figures().value(Metric.ENGINE_DEVICE_BYTES).isPresent());
    String lead = gpu
        ? "Planned before anything is loaded, held by the engine, in use on the device by whomever."
        : "On the CPU nothing is planned: what the engine holds outside the heap, and the process as a whole, other cells of the same process included.";
    return Figure.picture(ID, TITLE, lead, records, (width, css) -> bars.svg(width, css, TITLE));
  }

  private static List<StudyRecord> shown(List<StudyRecord> records) {
    return records.stream().filter(r -> SHOWN.keySet().stream().anyMatch(m -> present(r, m))).limit(MOST).toList();
  }

  private static boolean present(StudyRecord r, Metric metric) {
    return r.figures().value(metric).orElse(0) > 0
        && (metric != Metric.OFF_HEAP_BYTES || r.figures().value(Metric.ENGINE_DEVICE_BYTES).isEmpty());
  }

  private static List<Bars.Row> rows(StudyRecord r) {
    List<Bars.Row> rows = new ArrayList<>();
    boolean gpu = r.figures().value(Metric.ENGINE_DEVICE_BYTES).isPresent();
    SHOWN.forEach((metric, role) -> {
      if (present(r, metric) && !(gpu && metric == Metric.HOST_BYTES)) {
        double bytes = r.figures().value(metric).orElse(0);
        String label = r.cell() + ", " + PriceTag.name(metric);
        rows.add(new Bars.Row(label, Show.bytes(bytes), "", 0, bytes / GIB, 0, 0, role, label + ": " + metric.meaning() + ": "
            + Show.bytes(bytes)));
      }
    });
    return rows;
  }
}
