package dev.syrinx.bench.report;

import dev.syrinx.bench.study.Figures;
import dev.syrinx.bench.study.Intervals;
import dev.syrinx.bench.study.Metric;
import dev.syrinx.bench.study.OwnKernel;
import dev.syrinx.bench.study.StudyNames;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.StudyRecord.Configuration;
import dev.syrinx.bench.study.StudyRecord.State;
import dev.syrinx.bench.study.Timing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Invented records: every number is drawn, none was measured. */
final class SampleStudy {
  static final String MACHINE = "0123456789abcdef";
  private static final int ROUNDS = 6;
  private static final List<String> SCENARIOS =
      List.of("one", "two-batched", "two-serial", "three-batched", "three-serial", "four-batched", "four-serial", "emotion-audio",
          "emotion-vector");

  private final Random random;
  private final boolean gpu;
  private final List<StudyRecord> records = new ArrayList<>();

  private SampleStudy(long seed, boolean gpu) {
    this.random = new Random(seed);
    this.gpu = gpu;
  }

  /** All studies on an invented GPU. */
  static List<StudyRecord> records(long seed) {
    SampleStudy study = new SampleStudy(seed, true);
    study.fill();
    return filled(study.records);
  }

  /** One cell of a run, without intervals; its samples are of two processes in turn. */
  static StudyRecord one(String run, String cell, String machineHash, List<Double> total) {
    return one(run, cell, machineHash, total, 2);
  }

  /** The same of as many processes. */
  static StudyRecord one(String run, String cell, String machineHash, List<Double> total, int processes) {
    StudyRecord made = new SampleStudy(1, false).record("report", "one", cell, "baseline", "baseline", Map.of("precision", "fp32"), 1, 100,
        1, 1);
    Map<String, Timing> timings = new LinkedHashMap<>();
    timings.put(StudyNames.TOTAL, Timing.of("s", total));
    return new StudyRecord(
        run, made.study(), made.scenario(), cell, made.baseline(), made.state(), "", made.configuration(), made.provenance(),
            made.machine(), machineHash, conditions("one " + cell, total.size(), processes),
        timings, made.work(), made.roof(), made.kernels(), made.output(), made.figures(), made.price());
  }

  /** The records with the intervals that they say together. */
  static List<StudyRecord> filled(List<StudyRecord> records) {
    Intervals intervals = new Intervals(records);
    return records.stream().map(r -> {
      Map<String, Timing> timings = new LinkedHashMap<>();
      r.timings().forEach((name, t) -> timings.put(name, intervals.level(r, name)
          .map(e -> new Timing(t.unit(), t.samples(), e.value(), e.low(), e.high())).orElse(t)));
      return r.with(timings);
    }).toList();
  }

  private void fill() {
    double scale = 1;
    for (String scenario : SCENARIOS) {
      scale = scenario.startsWith("emotion") ? 1.02
          : Math.max(1, List.of("one", "two", "three", "four").indexOf(scenario.split("-")[0]) + 1.0) * (scenario.endsWith("batched") ? 0.8
              : 1);
      add("report", scenario, "baseline", "baseline", "baseline", Map.of("precision", "fp32", "graph", "off"), 1.9 * scale, 500, 1, 0);
      add("report", scenario, "accel", "baseline", "accel", Map.of("precision", "fp16", "graph", "on"), 1.05 * scale, 500, 1, 0.3);
      add("report", scenario, "full", "baseline", "full", Map.of("precision", "fp32", "graph", "on"), 0.82 * scale, 500, 1, 0.0001);
    }
    ladder();
    for (int codes : new int[] {50, 100, 200, 500, 1000}) {
      add("length", "one", codes + " codes", "500 codes", "full", Map.of("precision", "fp32"), 0.1 + 0.0015 * codes, codes, 1, 0.0001);
    }
    for (int batch : new int[] {1, 2, 4, 8}) {
      add("batch", "one", "batch " + batch, "batch 1", "full", Map.of("precision", "fp32"), 0.8 * Math.pow(batch, 0.4), 500, batch, 0.0001);
      add("batch", "one", "fp16 batch " + batch, "batch 1", "full", Map.of("precision", "fp16"), 0.5 * Math.pow(batch, 0.4), 500, batch,
          0.3);
    }
    records.add(without("gemm", "jcublas", State.REFUSED,
        "--gemm jcublas with --fusion on: the resident decode kernel has its own products; add --fusion off"));
    records.add(without("launch", "jcuda <script>alert(1)</script>", State.FAILED, "JCuda's natives are \"not\" here & now"));
  }

  private void ladder() {
    String[][] steps = {{"baseline", "1.9"}, {"+ paged kv", "1.93"}, {"+ graph", "1.5"}, {"+ flash", "1.31"}, {"+ fusion (= full)", "0.82"},
        {"+ fp16", "0.55"}, {"+ 12 steps epss", "0.34"}};
    for (int i = 0; i < steps.length; i++) {
      add("waterfall", "one", steps[i][0], "baseline", "full", Map.of("precision", i > 4 ? "fp16" : "fp32", "steps", i > 5 ? "12" : "25"),
          Double.parseDouble(steps[i][1]), 500, 1, i < 5 ? 0.0001 : 0.2 * i);
    }
    for (String precision : List.of("fp32", "fp16", "bf16", "int8")) {
      add("precision", "one", precision, "fp32", "full", Map.of("precision", precision), 0.5 + random.nextDouble() * 0.4, 500, 1,
          random.nextDouble());
    }
    for (int count : new int[] {25, 15, 12, 10, 8}) {
      add("flow-steps", "one", count + " steps", "25 steps", "full", Map.of("precision", "fp32", "steps", Integer.toString(count)), 0.4
          + count * 0.016, 500, 1, 5.0 / count);
    }
  }

  private void add(String study, String scenario, String cell, String baseline, String preset, Map<String, String> switches, double total,
      int codes, int batch, double distance) {
    records.add(record(study, scenario, cell, baseline, preset, switches, total, codes, batch, distance));
  }

  private StudyRecord record(String study, String scenario, String cell, String baseline, String preset, Map<String, String> changes,
      double total, int codes, int batch, double distance) {
    Map<String, String> switches = new LinkedHashMap<>(Map.of("kv", "paged", "block-size", "16", "steps", "25", "cfg", "0.7", "schedule",
        "uniform", "latents", "second-pass"));
    switches.putAll(changes);
    Configuration configuration = new Configuration(
        gpu ? "cuda:0" : "cpu", gpu ? "an invented GPU" : "an invented CPU", preset, switches, 1, batch, batch, batch, codes, 50, 5, 2, 1,
            List.of());
    Map<String, Timing> timings = new LinkedHashMap<>();
    timings.put("codes", timing("s", 0.5 * total));
    timings.put("mel", timing("s", 0.35 * total));
    timings.put("wave", timing("s", 0.14 * total));
    timings.put(StudyNames.TOTAL, timing("s", total));
    timings.put(StudyNames.MICROS_PER_TOKEN, timing("us", 0.5e6 * total / codes));
    timings.put(StudyNames.REAL_TIME_FACTOR, timing("1", total / (codes / 50.0)));
    timings.put(StudyNames.UTTERANCES_PER_SECOND, timing("1/s", batch / total));
    Figures figures = Figures.NONE.with(Metric.PLANNED_DEVICE_BYTES, 5.2e9).with(gpu ? Metric.ENGINE_DEVICE_BYTES : Metric.OFF_HEAP_BYTES,
        switches.get("precision").equals("fp16") ? 3.1e9 : 5.1e9)
        .with(Metric.DEVICE_BYTES, 5.6e9).with(Metric.HOST_BYTES, 2.7e9);
    Map<String, Double> price = new LinkedHashMap<>(Map.of("roundingSnr", 41.5, "melCepstralDistance", distance, "tokenAgreement", distance < 0.01 ? 1
        : 1 - distance / 3, "thd", 0.01 + distance / 10));
    if (distance > 0) {
      price.put("snr", 60 - 40 * Math.min(distance, 1));
    }
    price.put("identical", distance == 0 ? 1.0 : 0);
    return new StudyRecord(
        "20260101-000000-sample", study, scenario, cell, baseline, State.MEASURED, "", configuration, provenance(),
            Map.of("cpu", "an invented CPU", "processors", 2), MACHINE, conditions(study + scenario + cell, ROUNDS, 2),
        timings, List.of(
            new StudyRecord.Work("codes", 4e12, 4e12, 9000, 0.5 * total, 1.2, 1.2 / total, "memory"),
                new StudyRecord.Work("mel", 6e11, 3e13, 4000, 0.35 * total, 0.5, 0.2, "compute"),
            new StudyRecord.Work("wave", 1e11, 1.5e12, 300, 0.14 * total, 0.03, 0.2, "memory")),
        new StudyRecord.Roof(3.35e12, 4.9e14, "invented"),
        cell.equals("accel") ? List.of(new OwnKernel("layer_norm", "user:<mine>", "cuda", "t=7 c=1280", 30, 4, 2), new OwnKernel("layer_norm", "user:<mine>", "-", "t=9", 2, 5, 0))
            : List.of(), new StudyRecord.Output(codes / 50.0, List.of(codes), "00"), figures,
        new StudyRecord.Price("baseline fp32", "own", price, Map.of("wordErrorRate", "no recognizer was given")));
  }

  private StudyRecord without(String study, String cell, State state, String message) {
    return new StudyRecord(
        "20260101-000000-sample", study, "one", cell, "full", state, message,
            new Configuration("cuda:0", "an invented GPU", "full", Map.of(), 1, 1, 1, 1, 500, 50, 5, 2, 1, List.of()),
        provenance(), Map.of(), MACHINE, StudyRecord.Conditions.NONE, Map.of(), List.of(), new StudyRecord.Roof(0, 0, ""), List.of(),
            new StudyRecord.Output(0, List.of(), ""), Figures.NONE,
        new StudyRecord.Price("", "own", Map.of(), Map.of()));
  }

  private static StudyRecord.Provenance provenance() {
    return new StudyRecord.Provenance("invented & <b>bold</b>", "sha256:00", "sha256:11", Map.of("syrinx", "0.0.0"));
  }

  private static StudyRecord.Conditions conditions(String subject, int rounds, int processes) {
    List<StudyRecord.Run> runs = IntStream.range(0, rounds).mapToObj(i -> new StudyRecord.Run(1 + i % processes, 1 + i / processes, 0.01, 0)).toList();
    return new StudyRecord.Conditions(subject, Math.min(rounds, processes), rounds, 1, runs, 0.1, 0.2, Map.of("smClockMhz", 1980.0), Map.of("smClockMhz", 1975.0),
        List.of("an \"odd\" note <i>"));
  }

  private Timing timing(String unit, double middle) {
    List<Double> samples = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      samples.add(middle * Math.exp(0.02 * random.nextGaussian()));
    }
    return Timing.of(unit, samples);
  }
}
