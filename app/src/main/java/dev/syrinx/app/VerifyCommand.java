package dev.syrinx.app;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.bench.Fingerprint;
import dev.syrinx.nn.Precision;
import dev.syrinx.synth.Switches;
import dev.syrinx.testdata.TestData;
import dev.syrinx.verify.Check;
import dev.syrinx.verify.Verifier;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code syrinx verify}. */
@Command(
    name = "verify",
    description = "Replays golden data of the official implementation stage by stage and compares every output. With another precision than fp32, errors are recorded, not judged.",
    footerHeading = "%nExamples:%n",
    subcommands = DecodeVerification.class,
    footer = {
      "  syrinx verify",
      "  syrinx verify --model checkpoints --golden checkpoints/golden",
      "  syrinx verify decode --device cuda:0",
      "  syrinx verify decode --random-model official --tokens 500 --device cpu --save codes.json",
      "  syrinx verify decode --random-model official --tokens 500 --device cuda:0 --compare codes.json"
    })
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--golden", paramLabel = "DIR", description = "Folder with manifest.json (default: 'golden' inside the model's folder).")
  private Path golden;

  @Option(names = "--scalar", description = "Run the scalar reference kernels: slow, and independent of the vector bodies.")
  private boolean scalar;

  @Option(names = {"-o", "--output"}, paramLabel = "FILE", description = "Write all errors there as JSON.")
  private Path output;

  @Mixin private ModelOption modelOption;
  @Mixin private EngineOptions options;
  @Mixin private ProgressOption progressOption;

  @Override
  public Integer call() {
    Switches switches = options.switches();
    boolean passed = true;
    List<Object> reports = new ArrayList<>();
    for (Path model : models()) {
      Path folder = golden == null ? model.resolve("golden") : golden;
      if (!Files.isRegularFile(folder.resolve("manifest.json"))) {
        throw new CommandException.BadInput("--golden " + folder + ": no manifest.json there; name a folder of golden data");
      }
      passed &= verify(model, folder, switches, reports);
    }
    if (output != null) {
      Json.write(output, Map.of("check", "golden data, stage by stage", "machine", Fingerprint.of(), "models", reports));
    }
    return passed ? ExitCode.OK : ExitCode.FOUND;
  }

  /** The model given, or both that come with the program: the one of random weights, which covers every stage, and the voice. */
  private List<Path> models() {
    return modelOption.given().isPresent() || golden != null
        ? List.of(modelOption.folder())
        : List.of(TestData.folder(TestData.TINY_A), modelOption.folder());
  }

  private boolean verify(Path model, Path folder, Switches switches, List<Object> reports) {
    Verifier.Report report;
    String on;
    try (Progress progress = progressOption.open();
        Backend backend = scalar
            ? new CpuBackend(options.device().threads(), true)
            : options.device().open(switches)) {
      on = backend.description();
      report = Verifier.verify(model, folder, backend, switches.precision(), progress::stage);
    }
    boolean exact = switches.precision() == Precision.FP32;
    print(report, exact);
    reports.add(Map.of("model", model.getFileName().toString(), "on", on, "precision", switches.precision().name().toLowerCase(Locale.ROOT), "outputs", report.checks()));
    return exact ? report.passed() : report.checks().stream().allMatch(Check::compared);
  }

  private void print(Verifier.Report report, boolean exact) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%-17s %-24s %10s %10s  %s%n", "stage", "output", "error", "tolerance", "result");
    for (Check check : report.checks()) {
      out.printf(
          Locale.ROOT, "%-17s %-24s %10s %10s  %s%n", check.stage(), check.output(), number(check.error()), number(check.tolerance()),
          check.passed() ? "pass" : exact || !check.compared() ? "MISS " + check.problem() : "recorded");
    }
    List<Check> missed = report.checks().stream().filter(c -> !c.passed()).toList();
    long stages = report.checks().stream().map(Check::stage).distinct().count();
    out.printf(
        "%d outputs of %d stages: %d passed, %d missed%n",
        report.checks().size(), stages, report.checks().size() - missed.size(), missed.size());
    if (!exact) {
      out.println("the tolerances are for fp32: errors of another precision are recorded, not judged");
    }
    report.missing().forEach(stage -> out.println("not in the golden data: stage " + stage));
    out.flush();
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : value == Math.rint(value) ? String.valueOf((long) value) : String.format(Locale.ROOT, "%.1e", value);
  }
}
