package dev.syrinx.app;

import dev.syrinx.backend.cuda.UserKernel;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Param;
import dev.syrinx.kernels.Variant;
import dev.syrinx.verify.KernelCheckShare;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The catalogue of kernels, as it is declared. */
@Command(
    name = "kernels",
    description =
        "List the operations that the engine computes: formula, parameters, storage types, implementations. Or check and time them.",
    footer = {
      "  syrinx kernels",
      "  syrinx kernels gemm layer_norm",
      "  syrinx kernels --json > kernels.json",
      "  syrinx kernels --check --device cuda:0",
      "  syrinx kernels --check --brief --part 1/8 --device cuda:0",
      "  syrinx kernels --time gemm --device cuda:0 -o gemm.json"
    })
final class KernelsCommand implements Callable<Integer> {
  /** One kernel for {@code --json}. */
  private record Entry(
      String family, String name, String formula, List<Parameter> params, List<String> dtypes, List<String> variants, List<String> cuda) {}

  /** One parameter for {@code --json}; type {@code weight} stands for each of the kernel's storage types. */
  private record Parameter(String name, String role, String type, List<String> axes, boolean optional) {}

  @Spec private CommandSpec spec;

  @Parameters(arity = "0..*", paramLabel = "NAME", description = "Show these in full.")
  private List<String> names = List.of();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(
      names = "--check", description = "Run every implementation for the device against the scalar reference; exit code 1 if one misses.")
  private boolean check;

  @Option(names = "--brief", description = "With --check: each case once in each placement. For compute-sanitizer, under which all of it takes too long.")
  private boolean brief;

  @Option(names = "--part", paramLabel = "I/N", description = "With --check: the I-th of N equal parts of the cases, for processes side by side.")
  private String part = "1/1";

  @Option(names = "--time", description = "GPU: time every implementation on the shapes of the model.")
  private boolean time;

  @Option(names = {"-o", "--output"}, paramLabel = "FILE", description = "Write the times there as JSON, too.")
  private Path output;

  @Mixin private DeviceOptions device;

  @Override
  public Integer call() {
    List<KernelSpec> kernels = names.isEmpty() ? KernelCatalog.ALL : names.stream().map(this::find).toList();
    PrintWriter out = spec.commandLine().getOut();
    if (check || time) {
      int checked = check ? new KernelChecking(out, device).check(kernels, share()) : ExitCode.OK;
      int timed = time ? new KernelChecking(out, device).time(kernels, Optional.ofNullable(output)) : ExitCode.OK;
      return Math.max(checked, timed);
    }
    if (json) {
      out.println(Json.text(kernels.stream().map(KernelsCommand::entry).toList()));
    } else if (names.isEmpty()) {
      out.println(table(kernels));
    } else {
      kernels.forEach(kernel -> out.println(card(kernel)));
    }
    out.flush();
    return ExitCode.OK;
  }

  private KernelCheckShare share() {
    try {
      return new KernelCheckShare(brief, 1, 1).part(part);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--part: " + e.getMessage());
    }
  }

  private KernelSpec find(String name) {
    return KernelCatalog.ALL.stream().filter(kernel -> kernel.name().equals(name)).findFirst().orElseThrow(() -> {
      String known = KernelCatalog.ALL.stream().map(KernelSpec::name).collect(Collectors.joining(", "));
      return new ParameterException(spec.commandLine(), "no kernel is named '" + name + "'; there are " + known);
    });
  }

  private static Table table(List<KernelSpec> kernels) {
    Table table = new Table("family", "name", "weights", "variants", "cuda", "formula");
    for (KernelSpec kernel : kernels) {
      Entry entry = entry(kernel);
      boolean weights = kernel.params().stream().anyMatch(param -> param.type() == null);
      table.row(
          entry.family, entry.name, weights ? String.join(" ", entry.dtypes) : "", String.join(" ", entry.variants),
          String.join(" ", entry.cuda), entry.formula);
    }
    return table;
  }

  private static String card(KernelSpec kernel) {
    Entry entry = entry(kernel);
    Table params = new Table("  parameter", "role", "type", "axes");
    for (Parameter param : entry.params) {
      String axes = param.axes.isEmpty() ? "" : param.axes.toString();
      params.row("  " + param.name, param.role + (param.optional ? ", optional" : ""), param.type, axes);
    }
    return String.join(
        System.lineSeparator(),
        entry.family + "/" + entry.name + ":  " + entry.formula,
        params.toString(),
        "  weight types: " + String.join(" ", entry.dtypes),
        "  variants:     " + String.join(" ", entry.variants),
        "  on CUDA:      " + String.join(" ", entry.cuda),
        "  for --kernel: " + UserKernel.signature(kernel),
        "");
  }

  private static Entry entry(KernelSpec kernel) {
    return new Entry(
        kernel.family(),
        kernel.name(),
        kernel.formula(),
        kernel.params().stream().map(KernelsCommand::parameter).toList(),
        kernel.dtypes().stream().sorted().map(KernelsCommand::lower).toList(),
        kernel.variants().stream().map(Variant::name).toList(),
        kernel.cuda().stream().map(CudaVariant::name).toList());
  }

  private static Parameter parameter(Param param) {
    DType type = param.type();
    return new Parameter(param.name(), lower(param.role()), type == null ? "weight" : lower(type), param.axes(), param.optional());
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
