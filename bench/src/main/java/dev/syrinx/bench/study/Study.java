package dev.syrinx.bench.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.bench.peer.Peer;
import dev.syrinx.ffi.cuda.ContextLostException;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.synth.Stage;
import dev.syrinx.synth.Switches;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Measures a matrix: everything once, for warmth, price and memory; then in rounds, each cell once a round and every round in another order, so that whatever changes on the machine
 * changes all cells alike; and all of it in several processes, because no two compile alike. What breaks becomes a record that says so.
 */
public final class Study {
  /** Runs of a decode step whose device time is taken. */
  private static final int STEPS = 20;

  /** Seconds kept for writing. */
  private static final double WRITING = 4;

  /** Seconds kept for planning the memory of a GPU. */
  private static final double PLANNING = 10;

  private final Matrix matrix;
  private final StudyOptions options;
  private final Supplier<Place> place;
  private final Weights weights;
  private final StudyProgress progress;
  private final long start = System.nanoTime();

  /** @param place is closed when the study has run */
  Study(Matrix matrix, StudyOptions options, Supplier<Place> place, Weights weights, StudyProgress progress) {
    this.matrix = matrix;
    this.options = options;
    this.place = place;
    this.weights = weights;
    this.progress = progress;
  }

  /** What is measured on: the CPU, or a GPU with these options. */
  public sealed interface Device {
    /** The CPU, with the threads of the options. */
    record Cpu() implements Device {}

    /** A GPU; switches are the cells' business. */
    record Cuda(CudaOptions options) implements Device {}
  }

  /** What speaks: a model folder, or random numbers. */
  public sealed interface Weights {
    /** A folder in the official layout. */
    record Folder(Path folder, String name) implements Weights {}

    /** Random numbers of these dimensions. */
    record Noise(String name, SyntheticDims dims) implements Weights {}
  }

  /** A study that is not run yet. */
  public static Study of(Matrix matrix, StudyOptions options, Device device, Weights weights, StudyProgress progress) {
    return new Study(matrix, options, () -> switch (device) {
      case Device.Cpu cpu -> new Place.Cpu(options.threads());
      case Device.Cuda cuda -> new Place.Gpu(cuda.options());
    }, weights, progress);
  }

  /**
   * Runs it, or goes on where it was interrupted, and writes the records.
   *
   * @return the records, as they are in the folder; none if other processes are to follow
   * @throws IOException if the folder cannot be written
   * @throws StudyException if the folder holds another study
   */
  public List<StudyRecord> run() throws IOException {
    StudyModel loaded = switch (weights) {
      case Weights.Folder(Path folder, String name) -> StudyModel.folder(folder, name);
      case Weights.Noise(String name, SyntheticDims dims) -> StudyModel.random(name, dims, matrix.textTokens());
    };
    try (Journal journal = Journal.open(options.folder()); Engines engines = new Engines(place.get(), loaded, options, progress::stage)) {
      Run run = new Run(journal, engines);
      run.recall();
      run.peers();
      run.admit();
      run.measure();
      if (!options.part().last()) {
        return List.of();
      }
      List<StudyRecord> records = Intervals.filled(run.records());
      StudyRecords.write(options.folder().resolve(StudyRecords.FILE), records);
      engines.forget();
      return records;
    }
  }

  private double elapsed() {
    return (System.nanoTime() - start) / 1e9;
  }

  /** Everything of one run. */
  private final class Run {
    private final Journal journal;
    private final Engines engines;
    private final Stagehand stage;
    private final Gauges gauges;
    private final Pricing pricing;
    private final RecordMaker maker;
    private final PeerRounds peers;
    private final List<Cell> cells;
    private final Map<String, Subject> subjects = new LinkedHashMap<>();
    private final List<Double> calibrations = new ArrayList<>();
    private int process = 1;
    private int round;
    private double opened;
    private double played;

    /** The device is gone, and this process cannot get it back. */
    private boolean lost;

    Run(Journal journal, Engines engines) throws IOException {
      this.journal = journal;
      this.engines = engines;
      stage = new Stagehand(engines, matrix);
      gauges = new Gauges(engines.place().gpu());
      pricing = new Pricing(stage, engines.model().random(), options.recognizer());
      maker = new RecordMaker(options, matrix, engines, stage, gauges);
      peers = new PeerRounds(engines, gauges, options.peers());
      cells = Cell.of(matrix, engines.place().target(), options.threads());
      for (Cell cell : Cell.byImportance(cells)) {
        cell.setting().ifPresent(setting -> {
          String key = cell.subject(engines.place().target());
          subjects.computeIfAbsent(key, k -> new Subject(k, setting, cell.scenario()));
        });
      }
    }

    /** Takes over what an interrupted run had. */
    void recall() {
      String id = maker.identity(cells);
      for (JsonNode entry : journal.before()) {
        switch (entry.path("event").asText()) {
          case "study" -> {
            if (!entry.path("identity").asText().equals(id)) {
              throw new StudyException(
                  options.folder() + " holds another study (other matrix, model, device or machine): give another folder with -o, or move it away");
            }
            maker.goesOn(entry.path("run").asText());
          }
          case "first" -> subject(entry).ifPresent(s -> s.first(Journal.of(entry.path("first"), Subject.First.class)));
          case "lost" -> subject(entry).ifPresent(s -> s.failed(entry.path("message").asText()));
          case "sample" -> subject(entry).ifPresent(s -> taken(s, Journal.of(entry.path("sample"), Subject.Sample.class)));
          case "peer" -> peers.recall(entry);
          case "process" -> process = entry.path("number").asInt() + 1;
          default -> progress.note("skipped an entry of the journal that this program does not know: " + entry.path("event").asText());
        }
      }
      if (journal.before().isEmpty()) {
        journal.add(Map.of("event", "study", "identity", id, "run", maker.run()));
      } else {
        progress.note("going on with " + options.folder() + ": " + subjects.values().stream().mapToInt(s -> s.samples().size()).sum() + " runs are there");
      }
      journal.add(Map.of("event", "process", "number", process));
    }

    private Optional<Subject> subject(JsonNode entry) {
      return Optional.ofNullable(subjects.get(entry.path("subject").asText()));
    }

    private void taken(Subject subject, Subject.Sample sample) {
      subject.add(sample);
      calibrations.add(sample.calibration());
    }

    /** Other implementations beside ours. */
    void peers() {
      maker.before();
      double from = elapsed() - engines.loading();
      try {
        peers.run(journal, process, options.threads(), progress);
      } catch (RuntimeException | LinkageError e) { // the cells go on without
        lost = e instanceof ContextLostException;
        progress.note("the peers' rounds broke off: " + e.getMessage());
      }
      played = elapsed() - engines.loading() - from;
    }

    // ---- once for each

    /** Plays everything once, as far as the time goes. */
    void admit() {
      opened = elapsed() - played - engines.loading();
      double planned = 0;
      int done = 0;
      for (Subject subject : subjects.values()) {
        if (subject.first().isEmpty() && subject.failure().isEmpty()) {
          if (lost) {
            subject.failed("another cell lost the device before; the same command goes on without that cell");
          } else if (elapsed() + planned * options.part().runs(matrix.rounds()) + later() + reserve() > options.part().seconds()) {
            subject.failed("the budget of " + Math.round(options.part().seconds()) + " s has no time for it; give more, or a smaller matrix");
          } else {
            progress.stage("first run " + (done + 1) + "/" + subjects.size() + ": " + subject.scenario().label() + ", " + words(subject));
            tried(subject, () -> first(subject));
          }
        }
        planned += subject.seconds();
        done++;
      }
    }

    private double reserve() {
      return !options.part().last() ? 0 : WRITING + (engines.place().target() == Switches.Target.GPU ? PLANNING : 0);
    }

    /** Seconds in which later processes start, load and run the peers; those that the first process alone runs are taken for half of all. */
    private double later() {
      double peers = options.peers().stream().anyMatch(Peer::once) ? played / 2 : played;
      return (options.part().processes() - options.part().number()) * (opened + engines.loading() + peers) + (options.part().last() ? 0 : WRITING);
    }

    private String words(Subject subject) {
      return cells.stream().filter(c -> c.setting().isPresent() && c.subject(engines.place().target()).equals(subject.key())).findFirst()
          .map(c -> c.question().name() + " " + c.name()).orElse("");
    }

    private void first(Subject subject) {
      Engines.Open open = stage.open(subject.setting(), subject.scenario());
      open.backend().count(true);
      Performance cold = stage.play(subject.setting(), subject.scenario());
      open.backend().count(false);
      Figures figures = Memory.of(open).and(step(open, subject.scenario()));
      StudyRecord.Price price = pricing.of(subject, cold, engines.place().target());
      Map<String, double[]> counted = new LinkedHashMap<>();
      open.backend().sums().forEach((s, sum) -> counted.put(s.label(), new double[] {sum.bytes, sum.flops, sum.calls}));
      List<Integer> codes = cold.codes().stream().map(c -> c.length).toList();
      Subject.First first = new Subject.First(price, figures, new StudyRecord.Output(cold.audioSeconds(), codes, cold.sha256()), counted, brought(open, subject.setting()));
      subject.ran(cold.seconds());
      subject.first(first);
      journal.add(Map.of("event", "first", "subject", subject.key(), "first", first));
    }

    /** The user's kernels on the calls that were just made, beside ours. */
    private List<OwnKernel> brought(Engines.Open open, Setting setting) {
      if (!setting.brought() || !(open.user() instanceof CudaBackend gpu)) {
        return List.of();
      }
      return gpu.watch().map(watch -> open.run(() -> watch.times().stream().map(OwnKernel::of).toList())).orElse(List.of());
    }

    /** Device time of a decode step, while the recording of the request is there. In a batch it may be of a cache that has moved since. */
    private Figures step(Engines.Open open, Scenario scenario) {
      if (!(open.user() instanceof CudaBackend gpu)) {
        return Figures.NONE;
      }
      if (scenario.utterances() > 1) {
        return Figures.NONE.without(Metric.STEP_MICROS, "it is taken of one utterance alone");
      }
      OptionalDouble micros = open.backend().last(Stage.CODES).map(replay -> open.run(() -> gpu.micros(replay, STEPS))).orElse(OptionalDouble.empty());
      return micros.isPresent() ? Figures.NONE.with(Metric.STEP_MICROS, micros.getAsDouble()) : Figures.NONE.without(Metric.STEP_MICROS, "no step was recorded");
    }

    /** What breaks is said, and the others go on. */
    private void tried(Subject subject, Runnable work) {
      try {
        work.run();
      } catch (RuntimeException | LinkageError e) {
        subject.failed(e.getClass().getSimpleName() + ": " + e.getMessage());
        if (e instanceof ContextLostException) {
          lost = true;
          journal.add(Map.of("event", "lost", "subject", subject.key(), "message", subject.failure()));
        }
        progress.note(subject.scenario().label() + ", " + words(subject) + " failed: " + e.getMessage());
      }
    }

    // ---- rounds

    /** Rounds over all cells, until all have enough quiet samples or the time of this process is over. */
    void measure() {
      double end = options.part().own(elapsed()) - reserve();
      warm(end);
      int most = 2 * matrix.rounds();
      for (int tries = 0; tries < most; tries++) {
        List<Subject> open = new ArrayList<>(subjects.values().stream().filter(s -> s.open() && s.warm() && wants(s)).toList());
        if (lost || open.isEmpty() || open.stream().noneMatch(s -> elapsed() + s.seconds() < end)) {
          return;
        }
        round++;
        Collections.shuffle(open, new Random(31 * matrix.seed() + round));
        progress.stage("process " + process + ", round " + round + ", " + open.size() + " cells");
        for (int i = 0; i < open.size(); i++) {
          progress.step(i, open.size());
          if (!lost && elapsed() + open.get(i).seconds() < end) {
            sample(open.get(i));
          }
        }
      }
    }

    /** Plays what did not run in this process yet: the first rounds are not to be slower because Java is still compiling what all cells share. */
    private void warm(double end) {
      List<Subject> cold = subjects.values().stream().filter(s -> s.open() && !s.warm()).toList();
      if (!cold.isEmpty()) {
        progress.stage("process " + process + ": warming up " + cold.size() + " cells");
      }
      for (int i = 0; i < cold.size(); i++) {
        Subject subject = cold.get(i);
        progress.step(i, cold.size());
        if (!lost && elapsed() + 2 * subject.seconds() < end) {
          tried(subject, () -> subject.ran(stage.play(subject.setting(), subject.scenario()).seconds()));
        }
      }
    }

    private boolean wants(Subject subject) {
      double calm = Subject.calm(calibrations.stream().mapToDouble(Double::doubleValue).toArray());
      List<Subject.Sample> quiet = subject.quiet(calm);
      return quiet.size() < matrix.rounds() * options.part().processes() && quiet.stream().filter(s -> s.process() == process).count() < matrix.rounds()
          && subject.samples().stream().filter(s -> s.process() == process).count() < 2L * matrix.rounds();
    }

    private void sample(Subject subject) {
      tried(subject, () -> {
        Gauges.Watched<Performance> watched = gauges.watch(() -> stage.play(subject.setting(), subject.scenario()));
        subject.ran(watched.result().seconds());
        Subject.Sample sample = new Subject.Sample(watched.result().values(), process, round, watched.calibration(), watched.waited(), watched.stalled());
        taken(subject, sample);
        journal.add(Map.of("event", "sample", "subject", subject.key(), "sample", sample));
      });
    }

    List<StudyRecord> records() {
      progress.stage("writing " + cells.size() + " records");
      double calm = Subject.calm(calibrations.stream().mapToDouble(Double::doubleValue).toArray());
      maker.after();
      maker.plan(subjects.values(), Math.max(1, options.part().seconds() - elapsed() - WRITING));
      List<StudyRecord> records = new ArrayList<>();
      for (Cell cell : cells) {
        records.add(cell.setting().isEmpty() ? maker.refused(cell) : maker.record(cell, subjects.get(cell.subject(engines.place().target())), calm));
      }
      records.addAll(maker.peers(peers));
      return records;
    }
  }
}
