package dev.syrinx.bench.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.bench.Hashes;
import dev.syrinx.ffi.cuda.RehearsalDriver;
import dev.syrinx.model.ModelSource;
import dev.syrinx.synth.MemoryPlan;
import dev.syrinx.synth.Stage;
import dev.syrinx.synth.Switches;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From what was seen to records. */
final class RecordMaker {
  private static final Logger LOG = LoggerFactory.getLogger(RecordMaker.class);

  /** Plans that are made at a time. */
  private static final int PLANNERS = 8;

  private final StudyOptions options;
  private final Matrix matrix;
  private final Engines engines;
  private final Stagehand stage;
  private final Gauges gauges;
  private final Roofs roofs;
  private final Map<String, Object> machine;
  private final String kernels;
  private final Map<String, Figures> plans = new HashMap<>();
  private String run = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC).format(Instant.now()) + "-" + Integer.toHexString(new SplittableRandom().nextInt() >>> 16);
  private double loadBefore;
  private double loadAfter;
  private Map<String, Double> gpuBefore = Map.of();
  private Map<String, Double> gpuAfter = Map.of();

  RecordMaker(StudyOptions options, Matrix matrix, Engines engines, Stagehand stage, Gauges gauges) throws IOException {
    this.options = options;
    this.matrix = matrix;
    this.engines = engines;
    this.stage = stage;
    this.gauges = gauges;
    roofs = new Roofs(engines.place());
    machine = gauges.machine();
    kernels = "classes " + Hashes.kernelClasses() + ", images " + Hashes.kernelImages();
  }

  /** Id of the run. */
  String run() {
    return run;
  }

  /** This continues a run. */
  void goesOn(String before) {
    run = before;
  }

  /** Hash of everything that must be the same for two runs to be one. */
  String identity(List<Cell> cells) {
    JsonNode all = Journal.json(List.of(
        matrix.seed(), matrix.texts(), matrix.textTokens(), engines.model().hash(), engines.place().device(), Gauges.hash(machine), kernels, options.threads(),
        cells.stream().map(c -> c.question().name() + " " + c.name() + " " + c.setting().map(s -> c.subject(engines.place().target())).orElse(c.refusal())).toList()));
    return Hashes.text(all.toString());
  }

  void before() {
    loadBefore = Gauges.load();
    gpuBefore = gauges.gpu();
  }

  void after() {
    loadAfter = Gauges.load();
    gpuAfter = gauges.gpu();
  }

  /** A cell that the switches or the device refuse. */
  StudyRecord refused(Cell cell) {
    return without(cell, StudyRecord.State.REFUSED, cell.refusal(), Map.of(), 0, 0, options.threads());
  }

  /**
   * A cell with what was seen of it.
   *
   * @param calm what a calibration takes in a quiet moment
   */
  StudyRecord record(Cell cell, Subject subject, double calm) {
    Setting setting = subject.setting();
    if (subject.first().isEmpty() || subject.samples().isEmpty()) {
      String why = subject.failure().isEmpty() ? "the budget ended before it was measured" : subject.failure();
      return without(cell, StudyRecord.State.FAILED, why, setting.words(engines.place().target()), setting.beams(), setting.codes(), setting.threads());
    }
    List<Subject.Sample> quiet = subject.quiet(calm);
    boolean loud = quiet.isEmpty();
    List<Subject.Sample> counted = loud ? subject.samples() : quiet;
    Map<String, Timing> timings = timings(counted);
    Subject.First first = subject.first().get();
    List<String> notes = new ArrayList<>();
    if (loud) {
      notes.add("every round was disturbed by something else on the machine; they are counted all the same");
    }
    if (!subject.failure().isEmpty()) {
      notes.add("it failed after these rounds: " + subject.failure());
    }
    if (setting.brought() && first.kernels().isEmpty()) {
      notes.add("cell " + cell.name() + ": the model never called the kernel that was brought");
    }
    if (cell.scenario().utterances() > options.clips().size()) {
      notes.add(cell.scenario().utterances() + " speakers, of whom " + options.clips().size() + " have a recording of their own");
    }
    StudyRecord.Roof roof = roofs.of(setting.switches().precision());
    StudyRecord.Conditions conditions = new StudyRecord.Conditions(
        subject.key(), (int) counted.stream().map(Subject.Sample::process).distinct().count(), counted.size(), subject.samples().size() - counted.size(),
        counted.stream().map(s -> new StudyRecord.Run(s.process(), s.round(), s.calibration(), s.waited())).toList(), loadBefore, loadAfter, gpuBefore, gpuAfter, notes);
    return new StudyRecord(
        run, cell.question().name(), cell.scenario().label(), cell.name(), cell.question().baseline(), StudyRecord.State.MEASURED, "",
        configuration(cell, setting.words(engines.place().target()), setting.beams(), setting.codes(), setting.threads()), provenance(), machine, Gauges.hash(machine), conditions,
        timings, work(first, timings, roof), roof, first.kernels(), first.output(), first.figures().and(planned(subject)).and(gap(subject, first, timings)), first.price());
  }

  private StudyRecord without(Cell cell, StudyRecord.State state, String why, Map<String, String> switches, int beams, int codes, int threads) {
    return new StudyRecord(
        run, cell.question().name(), cell.scenario().label(), cell.name(), cell.question().baseline(), state, why, configuration(cell, switches, beams, codes, threads), provenance(),
        machine, Gauges.hash(machine), StudyRecord.Conditions.NONE, Map.of(), List.of(), new StudyRecord.Roof(0, 0, ""), List.of(), new StudyRecord.Output(0, List.of(), ""), Figures.NONE,
        new StudyRecord.Price("", "", Map.of(), Map.of()));
  }

  private StudyRecord.Configuration configuration(Cell cell, Map<String, String> switches, int beams, int codes, int threads) {
    Scenario scenario = cell.scenario();
    return new StudyRecord.Configuration(
        engines.place().device(), engines.place().name(), cell.preset(), switches, beams, scenario.batch(), scenario.batch(), scenario.utterances(), codes,
        stage.textTokens(scenario), options.clipSeconds(), threads, matrix.seed(), stage.texts(scenario));
  }

  /** What other implementations took, stage by stage and for ten seconds of speech. */
  List<StudyRecord> peers(PeerRounds rounds) {
    return rounds.peers().isEmpty()
        ? List.of()
        : new PeerRecords(rounds, (scenario, cell, baseline, switches, beams, runs, total, why) -> {
          boolean measured = !runs.isEmpty();
          StudyRecord.Configuration configuration = new StudyRecord.Configuration(
              engines.place().device(), engines.place().name(), "", switches, beams, 1, 1, 1, 0, 0, options.clipSeconds(), options.threads(), matrix.seed(), List.of());
          StudyRecord.Conditions conditions = measured
              ? new StudyRecord.Conditions(
                  PeerRecords.STUDY + " " + scenario + " " + cell, (int) runs.stream().mapToInt(StudyRecord.Run::process).distinct().count(), runs.size(), 0, runs, loadBefore,
                  loadAfter, gpuBefore, gpuAfter, List.of())
              : StudyRecord.Conditions.NONE;
          Map<String, Timing> timings = measured ? Map.of(StudyNames.TOTAL, Timing.of("s", total)) : Map.of();
          return new StudyRecord(
              run, PeerRecords.STUDY, scenario, cell, baseline, measured ? StudyRecord.State.MEASURED : StudyRecord.State.REFUSED, measured ? "" : why, configuration, provenance(),
              machine, Gauges.hash(machine), conditions, timings, List.of(), new StudyRecord.Roof(0, 0, ""), List.of(), new StudyRecord.Output(0, List.of(), ""), Figures.NONE,
              new StudyRecord.Price("none", "", Map.of(), Map.of(Metric.TOKEN_AGREEMENT.label(), "a stage alone on random values says nothing that could be compared")));
        }).all(options.threads());
  }

  private StudyRecord.Provenance provenance() {
    return new StudyRecord.Provenance(engines.model().name(), engines.model().hash(), kernels, versions());
  }

  private Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("syrinx", options.version());
    versions.put("java", Runtime.version().toString());
    if (machine.containsKey("driver")) {
      versions.put("driver", String.valueOf(machine.get("driver")));
    }
    return versions;
  }

  private static Map<String, Timing> timings(List<Subject.Sample> samples) {
    Map<String, List<Double>> all = new LinkedHashMap<>();
    samples.forEach(s -> s.values().forEach((name, value) -> all.computeIfAbsent(name, n -> new ArrayList<>()).add(value)));
    Map<String, Timing> timings = new LinkedHashMap<>();
    all.forEach((name, values) -> timings.put(name, Timing.of(unit(name), values)));
    return timings;
  }

  private static String unit(String name) {
    return switch (name) {
      case StudyNames.MICROS_PER_TOKEN -> "us";
      case StudyNames.REAL_TIME_FACTOR -> "1";
      case StudyNames.UTTERANCES_PER_SECOND -> "1/s";
      default -> "s";
    };
  }

  private static List<StudyRecord.Work> work(Subject.First first, Map<String, Timing> timings, StudyRecord.Roof roof) {
    List<StudyRecord.Work> work = new ArrayList<>();
    first.counted().forEach((label, sum) -> {
      Timing timing = timings.get(label);
      if (timing != null && timing.median() > 0 && roof.flopsPerSecond() > 0) {
        double memory = sum[0] / roof.bytesPerSecond();
        double arithmetic = sum[1] / roof.flopsPerSecond();
        double least = Math.max(memory, arithmetic);
        work.add(new StudyRecord.Work(
            label, sum[0], sum[1], (long) sum[2], timing.median(), least, least / timing.median(), memory > arithmetic ? "memory" : "compute"));
      }
    });
    return work;
  }

  private static Figures gap(Subject subject, Subject.First first, Map<String, Timing> timings) {
    OptionalDouble step = first.figures().value(Metric.STEP_MICROS);
    Timing codes = timings.get(Stage.CODES.label());
    Timing start = timings.get(StudyNames.FIRST_TOKEN);
    int count = first.output().codes().stream().mapToInt(Integer::intValue).sum();
    if (step.isEmpty() || codes == null || start == null) {
      return Figures.NONE;
    }
    if (subject.scenario().utterances() > 1 || count < 2) {
      return Figures.NONE.without(Metric.GAP_SHARE, "it is taken of one utterance alone, of more than one code");
    }
    double before = timings.containsKey(Stage.EMOTION.label()) ? timings.get(Stage.EMOTION.label()).median() : 0;
    double micros = (codes.median() - (start.median() - before)) / (count - 1) * 1e6;
    if (micros <= 0) {
      return Figures.NONE.without(Metric.GAP_SHARE, "the first code came as late as the last: too few for a share");
    }
    return Figures.NONE.with(Metric.GAP_SHARE, Math.max(0, 1 - step.getAsDouble() / micros)); // the step is at full length, the codes are at all
  }

  /** The plan of a GPU's memory for a cell. */
  private Figures planned(Subject subject) {
    if (engines.place().target() == Switches.Target.CPU) {
      return Figures.NONE;
    }
    if (subject.scenario().batch() > 1) {
      return Figures.NONE.without(Metric.PLANNED_DEVICE_BYTES, "a plan is for one request at a time");
    }
    return plans.getOrDefault(planKey(subject), Figures.NONE.without(Metric.PLANNED_DEVICE_BYTES, "the budget had no time for planning"));
  }

  private static String planKey(Subject subject) {
    Setting s = subject.setting();
    return s.switches() + " " + s.beams() + " " + s.codes();
  }

  /** Plans the memory of all cells, several at a time, as far as the time goes: a plan runs the whole engine on a device that computes nothing. */
  void plan(Collection<Subject> subjects, double seconds) {
    if (engines.place().target() == Switches.Target.CPU) {
      return;
    }
    Map<String, Subject> wanted = new LinkedHashMap<>();
    subjects.stream().filter(s -> s.open() && s.scenario().batch() == 1).forEach(s -> wanted.putIfAbsent(planKey(s), s));
    long end = System.nanoTime() + (long) (seconds * 1e9);
    try (ExecutorService threads = Executors.newFixedThreadPool(Math.min(PLANNERS, Runtime.getRuntime().availableProcessors()))) {
      Map<String, Future<Figures>> made = new LinkedHashMap<>();
      wanted.forEach((key, subject) -> made.put(key, threads.submit(() -> plan(subject))));
      collect(made, end);
      threads.shutdownNow();
    }
  }

  private void collect(Map<String, Future<Figures>> made, long end) {
    try {
      for (Map.Entry<String, Future<Figures>> entry : made.entrySet()) {
        plans.put(entry.getKey(), entry.getValue().get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS));
      }
    } catch (TimeoutException e) {
      LOG.info("the budget ended before the memory of all cells was planned");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      LOG.warn("planning memory failed: {}", e.getCause().toString());
    }
  }

  private Figures plan(Subject subject) {
    CudaBackend gpu = ((Place.Gpu) engines.place()).cuda();
    RehearsalDriver.Device device = new RehearsalDriver.Device("", 1L << 42, gpu.gpu().multiprocessors(), gpu.gpu().capability(), gpu.gpu().sharedBytes());
    Setting s = subject.setting();
    MemoryPlan.Speech speech = new MemoryPlan.Speech(options.clipSeconds(), stage.textTokens(subject.scenario()), s.codes(), s.beams());
    try (ModelSource source = engines.model().hollow().get()) {
      return Figures.NONE.with(Metric.PLANNED_DEVICE_BYTES, MemoryPlan.of(source, s.switches(), device, speech).total());
    } catch (RuntimeException e) {
      return Figures.NONE.without(Metric.PLANNED_DEVICE_BYTES, "planning failed: " + e.getMessage());
    }
  }
}
