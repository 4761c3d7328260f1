package dev.syrinx.app;

import dev.syrinx.backend.cuda.UserKernel;
import dev.syrinx.bench.ModelBenchmark;
import dev.syrinx.bench.Soak;
import dev.syrinx.bench.kernel.KernelBenchmarks;
import dev.syrinx.bench.peer.SideBySide;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.synth.Switches;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code syrinx bench}. */
@Command(
    name = "bench",
    description = "Measures: the whole engine on random weights, side by side with PyTorch, or single kernels.",
    subcommands = {
      BenchCommand.Soaking.class, BenchCommand.Peers.class, BenchCommand.Kernels.class, StudyCommand.class, CompareCommand.class, ReportCommand.class, ReplayCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  syrinx bench --random-model official --codes 10,100",
      "  syrinx bench --random-model official --precision int8 --beams 1 -o bench/results/int8.json",
      "  syrinx bench kernels gemm attention",
      "  syrinx bench peers --python venv/bin/python -o bench/results/peers.json"
    })
final class BenchCommand implements Callable<Integer> {
  @Option(
      names = "--codes", split = ",", defaultValue = "10,100", paramLabel = "N,…",
      description = "Most codes of each run (default: ${DEFAULT-VALUE}).")
  private int[] codes;

  @Mixin private RandomEngine engine;
  @Mixin private JsonOption json;
  @Mixin private ProfileOption profile;
  @Mixin private ProgressOption progressOption;

  /** Dimensions by name. */
  enum Dimensions {
    OFFICIAL, ODD;

    /** The dimensions. */
    SyntheticDims dims() {
      return this == OFFICIAL ? SyntheticDims.official() : SyntheticDims.odd();
    }
  }

  @Override
  public Integer call() {
    Switches switches = engine.switches();
    Map<String, Object> report;
    try (Progress progress = progressOption.open(); var _ = profile.open()) {
      report = new ModelBenchmark(engine.dims(), engine.open(switches), switches, engine.target(), engine.beams())
          .run(codes, progress::stage);
    }
    json.print(report);
    return ExitCode.OK;
  }

  /** {@code syrinx bench soak}. */
  @Command(
      name = "soak",
      description = "Many utterances of all lengths in a row on random weights, half of them and the same once more: exit code 1 if that takes more memory of the host or the device.",
      footerHeading = "%nExamples:%n",
      footer = {"  syrinx bench soak --random-model odd", "  syrinx bench soak --device cuda:0 --precision fp16 --codes 50 --steps 5 -o bench/results/soak.json"})
  static final class Soaking implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--utterances", defaultValue = "200", paramLabel = "N", description = "How many (default: ${DEFAULT-VALUE}).")
    private int utterances;

    @Option(names = "--codes", defaultValue = "50", paramLabel = "N", description = "Most codes of one (default: ${DEFAULT-VALUE}).")
    private int codes;

    @Mixin private RandomEngine engine;
    @Mixin private JsonOption json;
    @Mixin private ProgressOption progressOption;

    @Override
    public Integer call() {
      if (utterances < 4) {
        throw new ParameterException(spec.commandLine(), "--utterances must be at least 4, got " + utterances);
      }
      Switches switches = engine.switches();
      Map<String, Object> report;
      try (Progress progress = progressOption.open()) {
        report = new Soak(engine.dims(), engine.open(switches), switches, engine.beams()).run(utterances, codes, progress::stage);
      }
      json.print(report);
      return ((List<?>) report.get("grew")).isEmpty() ? ExitCode.OK : ExitCode.FOUND;
    }
  }

  /** {@code syrinx bench peers}. */
  @Command(
      name = "peers",
      description = "Syrinx and PyTorch in turn on the same shapes.",
      footerHeading = "%nExamples:%n",
      footer = "  syrinx bench peers --python venv/bin/python --only gemm")
  static final class Peers implements Callable<Integer> {
    @Option(
        names = "--python", defaultValue = "python3", paramLabel = "FILE",
        description = "A Python that has torch (default: ${DEFAULT-VALUE}).")
    private Path python;

    @Option(
        names = "--script", defaultValue = "bench/peers/pytorch.py", paramLabel = "FILE",
        description = "The peer's program (default: ${DEFAULT-VALUE}).")
    private Path script;

    @Option(names = "--rounds", defaultValue = "9", paramLabel = "N", description = "Timed runs of each side (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--only", defaultValue = "", paramLabel = "TEXT", description = "Cases whose name contains this.")
    private String only;

    @Mixin private DeviceOptions device;

    @Mixin private JsonOption json;
    @Mixin private ProgressOption progressOption;

    @Override
    public Integer call() {
      Map<String, Object> report;
      try (Progress progress = progressOption.open()) {
        report = side().run(only, progress::stage);
      }
      json.print(report);
      return ExitCode.OK;
    }

    private SideBySide side() {
      Switches switches = device.switches(Switches.defaults());
      return device.target() == Switches.Target.CPU
          ? SideBySide.cpu(python, script, device.threads(), rounds)
          : SideBySide.gpu(python, script, rounds, () -> device.open(switches));
    }
  }

  /** {@code syrinx bench kernels}. */
  @Command(
      name = "kernels",
      description = "Every kernel of the catalogue on the model's shapes: time, GB/s and GFLOP/s. On the CPU by JMH, one thread; on a GPU that was asked for by number by its own clock,"
          + " with a kernel of your own (--kernel, checked first) beside ours.",
      footerHeading = "%nExamples:%n",
      footer = {"  syrinx bench kernels gemm snake", "  syrinx bench kernels --device cuda:0 --fusion off --kernel layer_norm=layer_norm.ptx:my_layer_norm@t/128"})
  static final class Kernels implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "Kernels (default: all).")
    private List<String> names = new ArrayList<>();

    @Option(names = "--reference", description = "The scalar references, too.")
    private boolean reference;

    @Option(
        names = "--seconds", defaultValue = "2", paramLabel = "N",
        description = "Measured seconds of each call (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Mixin private DeviceOptions device;
    @Mixin private JsonOption json;
    @Mixin private ProgressOption progressOption;

    @Override
    public Integer call() {
      if (seconds < 1) {
        throw new ParameterException(spec.commandLine(), "--seconds must be at least 1, got " + seconds);
      }
      if (device.choice() instanceof DeviceChoice.Cuda) {
        return onGpu();
      }
      if (!device.userKernels().isEmpty()) {
        throw new ParameterException(spec.commandLine(), "--kernel needs a GPU by its number, such as --device cuda:0");
      }
      Map<String, Object> report;
      try (Progress progress = progressOption.open()) {
        report = KernelBenchmarks.forked(reference, seconds).run(names, progress::stage);
      } catch (NoSuchElementException e) {
        throw new CommandException.BadInput(e.getMessage(), e);
      }
      json.print(report);
      return ExitCode.OK;
    }

    /** Kernels of one's own alone where no others are named. */
    private int onGpu() {
      List<String> chosen = names.isEmpty() ? device.userKernels().stream().map(UserKernel::kernel).toList() : names;
      List<KernelSpec> specs = KernelCatalog.ALL.stream().filter(k -> chosen.isEmpty() || chosen.contains(k.name())).toList();
      if (specs.size() < chosen.stream().distinct().count()) {
        throw new ParameterException(spec.commandLine(), "one of " + chosen + " is no kernel; 'syrinx kernels' lists them");
      }
      json.print(new KernelChecking(spec.commandLine().getOut(), device).times(specs));
      return ExitCode.OK;
    }
  }
}
