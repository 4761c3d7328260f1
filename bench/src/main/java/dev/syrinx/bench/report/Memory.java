package dev.syrinx.bench.report;

import dev.syrinx.bench.study.Metric;
import dev.syrinx.bench.study.StudyRecord;
import java.util.List;
import java.util.Optional;

/**
 * The memory by which cells are compared: the engine's on the device, else what it holds outside the heap.
 *
 * @param metric which of both
 * @param bytes how much
 */
record Memory(Metric metric, double bytes) {
  private static final List<Metric> ORDER = List.of(Metric.ENGINE_DEVICE_BYTES, Metric.OFF_HEAP_BYTES);

  static Optional<Memory> of(StudyRecord record) {
    return ORDER.stream().filter(m -> record.figures().value(m).orElse(0) > 0).findFirst()
        .map(m -> new Memory(m, record.figures().value(m).orElse(0)));
  }

  /** Share that this saves of a baseline's, negative if it takes more; empty if they are of different kinds. */
  Optional<Double> saving(Optional<Memory> baseline) {
    return baseline.filter(b -> b.metric == metric).map(b -> 1 - bytes / b.bytes);
  }

  /** A saving in words. */
  static String words(double saving, String baseline) {
    double percent = Math.rint(saving * 1000) / 10;
    return percent == 0 ? "as much as " + baseline : Show.number(Math.abs(percent)) + (percent > 0 ? " % less than " : " % more than ")
        + baseline;
  }
}
