package dev.syrinx.app;

import dev.syrinx.audio.AudioException;
import dev.syrinx.audio.SpeechAudio;
import dev.syrinx.bench.peer.Peer;
import dev.syrinx.bench.report.StudyReport;
import dev.syrinx.bench.study.Matrix;
import dev.syrinx.bench.study.MatrixException;
import dev.syrinx.bench.study.Part;
import dev.syrinx.bench.study.Recognizer;
import dev.syrinx.bench.study.Study;
import dev.syrinx.bench.study.StudyException;
import dev.syrinx.bench.study.StudyOptions;
import dev.syrinx.bench.study.StudyProgress;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.StudyRecords;
import dev.syrinx.synth.Switches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code syrinx bench study}. */
@Command(
    name = "study",
    description = "Measures a matrix of switches: what each gains and what it costs, cell by cell in turn, with intervals. An interrupted study goes on when it is given the same folder.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  syrinx bench study --quick -o study",
      "  syrinx bench study --device cuda:0 --random-model official --budget 360 -o study-h100",
      "  syrinx bench study --matrix mine.yaml --model checkpoints --voices a.wav,b.wav -o mine"
    })
final class StudyCommand implements Callable<Integer> {
  private static final int MEL_RATE = 22_050;

  @Spec private CommandSpec spec;

  @Option(names = "--matrix", paramLabel = "FILE|quick|report|full", description = "What to compare: a YAML file, or one that comes with the program (default: quick on the CPU, full on a GPU).")
  private String matrix;

  @Option(names = "--quick", description = "The same as --matrix quick.")
  private boolean quick;

  @Mixin private ModelOption model;

  @Option(names = "--random-model", paramLabel = "official|odd", description = "Random weights of these dimensions instead of a model: speed is the same, speech is noise.")
  private BenchCommand.Dimensions random;

  @Option(names = "--voices", split = ",", paramLabel = "FILE,…", description = "Recordings of the speakers (default: those that come with the program).")
  private List<Path> voices = List.of();

  @Option(
      names = "--budget", defaultValue = "540", paramLabel = "SECONDS",
      description = "Time for everything, loading included; rounds end with it, and everything that was measured is written (default: ${DEFAULT-VALUE}).")
  private int budget;

  @Option(names = "--processes", paramLabel = "N",
      description = "Processes that measure, one after the other (default: what the matrix says). What differs from process to process is in the intervals.")
  private Integer processes;

  @Option(
      names = "--python", paramLabel = "FILE",
      description = "A Python that has torch: measure PyTorch beside, stage by stage in turn (CUDA graphs on a GPU, eager on the CPU), in every process.")
  private Path python;

  @Option(names = "--peers", defaultValue = "bench/peers", paramLabel = "FOLDER", description = "Programs of the peers (default: ${DEFAULT-VALUE}).")
  private Path peers;

  @Option(names = "--index-tts", paramLabel = "FOLDER",
      description = "A checkout of the official implementation: measure its stages beside, too; needs --python with what it imports.")
  private Path official;

  @Option(
      names = "--official", split = ",", defaultValue = "eager", paramLabel = "eager|compile|accel,…",
      description = "Ways of running it: as it is, with torch.compile of the flow (its first call takes a minute and more), with its accel engine where flash-attn is installed"
          + " (default: ${DEFAULT-VALUE}).")
  private List<String> ways;

  /** Of a process that another one of this program started: its number and the seconds for it and those after it. */
  @Option(names = "--part", hidden = true, paramLabel = "NUMBER:SECONDS")
  private String part;

  @Option(
      names = "--recognizer", paramLabel = "COMMAND",
      description = "A program that prints what is said in the WAV file whose name is put behind it: for word error rates.")
  private String recognizer;

  @Option(names = {"-o", "--output"}, defaultValue = "study", paramLabel = "FOLDER", description = "Where the records go (default: ${DEFAULT-VALUE}).")
  private Path folder;

  @Mixin private DeviceOptions device;
  @Mixin private ProfileOption profile;
  @Mixin private ProgressOption progressOption;

  @Override
  public Integer call() {
    check();
    Matrix chosen = chosen();
    int all = processes == null ? chosen.processes() : processes;
    long end = System.nanoTime() + Duration.ofSeconds(budget).toNanos();
    for (int number = 1; part == null && number < all; number++) {
      int code = AnotherProcess.run(arguments(number, left(end)));
      if (code == ExitCode.INPUT || code == ExitCode.OUTPUT) {
        return code;
      }
    }
    Part mine = part == null ? new Part(all, all, left(end)) : given(all);
    return run(chosen, mine);
  }

  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(Duration.ofSeconds(1).toNanos(), end - System.nanoTime()));
  }

  private Part given(int all) {
    String[] words = part.split(":", 2);
    return new Part(Integer.parseInt(words[0]), all, Duration.ofMillis(Math.round(1e3 * Double.parseDouble(words[1]))));
  }

  private List<String> arguments(int number, Duration left) {
    List<String> again = new ArrayList<>(spec.root().commandLine().getParseResult().originalArgs());
    again.add("--part=" + number + ":" + left.toMillis() / 1e3);
    return again;
  }

  private int run(Matrix chosen, Part mine) {
    try (Progress progress = progressOption.open(); var _ = profile.open()) {
      List<StudyRecord> records = Study.of(chosen, options(mine), where(), weights(progress), shown(progress)).run();
      progress.finish();
      if (mine.number() < mine.processes()) {
        return ExitCode.OK;
      }
      StudyReport.write(folder);
      Map<String, Long> states = records.stream().collect(Collectors.groupingBy(r -> r.state().label(), TreeMap::new, Collectors.counting()));
      spec.commandLine().getOut().println(
          "wrote " + folder.resolve(StudyRecords.FILE) + ": " + records.size() + " records, " + states + "; to look at: " + folder.resolve(StudyReport.PAGE));
      spec.commandLine().getOut().flush();
      return ExitCode.OK;
    } catch (StudyException | AudioException e) {
      throw new CommandException.BadInput(e.getMessage(), e);
    } catch (IOException | UncheckedIOException e) {
      throw new CommandException.BadOutput("the study in " + folder + " broke off: " + e.getMessage() + "; the same command goes on with it", e);
    }
  }

  private void check() {
    if (quick && matrix != null) {
      throw new ParameterException(spec.commandLine(), "--quick is --matrix quick: give one of them");
    }
    if (random != null && model.given().isPresent()) {
      throw new ParameterException(spec.commandLine(), "give --model or --random-model, not both");
    }
    if (budget < 1) {
      throw new ParameterException(spec.commandLine(), "--budget must be at least 1 second, got " + budget);
    }
    if (official != null && python == null) {
      throw new ParameterException(spec.commandLine(), "--index-tts needs --python FILE: a Python that has torch and what the checkout imports");
    }
    if (!Peer.OFFICIAL.containsAll(ways)) {
      throw new ParameterException(spec.commandLine(), "--official takes " + Peer.OFFICIAL + ", got " + ways);
    }
    if (processes != null && processes < 1) {
      throw new ParameterException(spec.commandLine(), "--processes must be at least 1, got " + processes);
    }
    Switches plain = device.target() == Switches.Target.CPU ? Switches.defaults().onCpu() : Switches.defaults();
    if (!device.switches(Switches.defaults()).equals(plain)) {
      throw new ParameterException(spec.commandLine(), "--graph, --fusion, --attention, --gemm and --launcher are what a study compares: give them in the matrix");
    }
  }

  private Matrix chosen() {
    String name = quick ? "quick" : matrix == null ? device.target() == Switches.Target.CPU ? "quick" : "full" : matrix;
    Matrix read = read(name);
    String kernels = device.userKernels().stream().map(k -> k.kernel() + "=" + k.file().getFileName() + ":" + k.entry()).collect(Collectors.joining(", "));
    return kernels.isEmpty() ? read : read.withKernels(kernels);
  }

  private static Matrix read(String name) {
    try {
      return Matrix.SHIPPED.contains(name) ? Matrix.shipped(name) : Matrix.read(Path.of(name));
    } catch (MatrixException e) {
      throw new CommandException.BadInput(e.getMessage(), e);
    }
  }

  private StudyOptions options(Part mine) throws IOException {
    List<Path> clips = voices.isEmpty() ? VoiceChoice.shippedClips() : voices;
    for (Path clip : clips) {
      if (!Files.isReadable(clip)) {
        throw new CommandException.BadInput("--voices " + clip + ": no such file, or not readable");
      }
    }
    double seconds = new SpeechAudio(MEL_RATE, MEL_RATE).speaker(clips.getFirst()).mel().length / (double) MEL_RATE;
    return new StudyOptions(
        folder, mine, clips, Math.round(seconds * 1000) / 1e3, device.threads(), Version.number(), peers(), Optional.ofNullable(recognizer).map(Recognizer::new));
  }

  private List<Peer> peers() {
    List<Peer> all = new ArrayList<>();
    if (python != null) {
      all.add(Peer.pytorch(python, peers));
    }
    if (official != null) {
      all.addAll(Peer.official(python, peers, official, ways));
    }
    return all;
  }

  private Study.Device where() {
    return device.target() == Switches.Target.CPU ? new Study.Device.Cpu() : new Study.Device.Cuda(device.cuda(device.index(), Switches.defaults().withFusion(false)));
  }

  private Study.Weights weights(Progress progress) {
    if (random != null) {
      return new Study.Weights.Noise(Words.word(random), random.dims());
    }
    model.notice().ifPresent(progress::note);
    return new Study.Weights.Folder(model.folder(), model.given().map(p -> String.valueOf(p.getFileName())).orElse("embedded voice").toLowerCase(Locale.ROOT));
  }

  private static StudyProgress shown(Progress progress) {
    return new StudyProgress() {
      @Override
      public void stage(String name) {
        progress.stage(name);
      }

      @Override
      public void step(long done, long total) {
        progress.step(done, total);
      }

      @Override
      public void note(String line) {
        progress.note(line);
      }
    };
  }
}
