package dev.syrinx.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.bench.Fingerprint;
import dev.syrinx.model.ModelFolder;
import dev.syrinx.model.ModelSource;
import dev.syrinx.model.synthetic.SyntheticModel;
import dev.syrinx.synth.Switches;
import dev.syrinx.verify.DecodeCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code syrinx verify decode}. */
@Command(
    name = "decode",
    description = {
      "Shows that the same seed gives the same codes in fp32: cache paged and contiguous, blocks of 16, 64 and 256, alone and among 7 strangers, greedy, sampled and with 3 beams, and on a"
          + " GPU with graphs on and off, steps fused or not, started by Panama and JCuda; all compared with the host's own loop on the CPU.",
      "With --save or --compare: the greedy codes of one long request, to compare machines."
    })
final class DecodeVerification implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--random-model", paramLabel = "official|odd", description = "Use a seeded random model of these dimensions instead of --model.")
  private BenchCommand.Dimensions dimensions;

  @Option(names = "--tokens", defaultValue = "48", paramLabel = "N", description = "Most codes of the request (default: ${DEFAULT-VALUE}).")
  private int tokens;

  @Option(names = "--repeat", defaultValue = "20", paramLabel = "N", description = "Runs of each combination (default: ${DEFAULT-VALUE}).")
  private int repeat;

  @Option(names = "--save", paramLabel = "FILE", description = "Write the greedy codes there, and compare nothing.")
  private Path save;

  @Option(names = "--compare", paramLabel = "FILE", description = "Compare the greedy codes with those there.")
  private Path compare;

  @Option(names = {"-o", "--output"}, paramLabel = "FILE", description = "Write the JSON there, too.")
  private Path output;

  @Mixin private ModelOption modelOption;
  @Mixin private DeviceOptions device;
  @Mixin private ProgressOption progressOption;

  @Override
  public Integer call() {
    try (Progress progress = progressOption.open(); ModelSource source = source()) {
      if (save != null) {
        return save(source);
      }
      return compare != null ? compare(source) : matrix(source, progress);
    }
  }

  private ModelSource source() {
    return dimensions == null
        ? new ModelFolder(modelOption.folder())
        : new SyntheticModel(dimensions.dims(), 1);
  }

  private Backend open(Switches switches) {
    return device.open(switches);
  }

  // ---- long requests across machines

  private Integer save(ModelSource source) {
    try (Backend backend = open(Switches.defaults())) {
      Json.write(save, Map.of("tokens", tokens, "on", backend.description(), "codes", DecodeCheck.greedy(source, backend, tokens)));
    }
    spec.commandLine().getOut().println("greedy codes of " + tokens + " steps are in " + save);
    return ExitCode.OK;
  }

  private Integer compare(ModelSource source) {
    int[][] want;
    try {
      want = new ObjectMapper().treeToValue(new ObjectMapper().readTree(compare.toFile()).path("codes"), int[][].class);
    } catch (IOException e) {
      throw new CommandException.BadInput("--compare " + compare + ": " + e.getMessage());
    }
    int[][] got;
    String on;
    try (Backend backend = open(Switches.defaults())) {
      on = backend.description();
      got = DecodeCheck.greedy(source, backend, tokens);
    }
    int[] equal = IntStream.range(0, 2).map(i -> mismatch(want[i], got[i])).toArray();
    boolean same = IntStream.range(0, 2).allMatch(i -> Arrays.equals(want[i], got[i]));
    spec.commandLine().getOut().printf(
        "greedy, fp32, %d codes on %s: %s (without penalty %d of %d equal, with penalty 10 %d of %d)%n", tokens, on, same ? "equal" : "NOT EQUAL", equal[0], want[0].length, equal[1],
        want[1].length);
    spec.commandLine().getOut().flush();
    report(Map.of("check", "greedy codes across machines", "machine", Fingerprint.of(), "on", on, "tokens", tokens, "equal", same, "equalCodes", equal));
    return same ? ExitCode.OK : ExitCode.FOUND;
  }

  /** Codes before the first difference. */
  private static int mismatch(int[] want, int[] got) {
    int at = Arrays.mismatch(want, got);
    return at < 0 ? want.length : at;
  }

  // ---- all ways

  private Integer matrix(ModelSource source, Progress progress) {
    List<DecodeCheck.Way> ways = new ArrayList<>();
    ways.add(new DecodeCheck.Way("cpu", () -> new CpuBackend(device.threads(), false)));
    if (device.target() == Switches.Target.GPU) {
      for (CudaOptions.Launcher launcher : CudaOptions.Launcher.values()) {
        for (boolean graph : new boolean[] {true, false}) {
          for (boolean fusion : new boolean[] {true, false}) {
            Switches d = Switches.defaults();
            Switches switches = d.withGpu(graph, d.attention(), d.gemm(), launcher, fusion);
            String name = Words.word(launcher) + ", graph " + (graph ? "on" : "off") + ", fusion " + (fusion ? "on" : "off");
            ways.add(new DecodeCheck.Way(name, () -> CudaBackend.open(device.cuda(0, switches))));
          }
        }
      }
    }
    DecodeCheck.Report report = new DecodeCheck(source, tokens, repeat, progress::stage).run(ways);
    print(report);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("check", "the same codes by every way");
    json.put("machine", Fingerprint.of());
    json.put("tokens", tokens);
    json.put("rows", report.rows());
    report(json);
    return report.passed() ? ExitCode.OK : ExitCode.FOUND;
  }

  private void print(DecodeCheck.Report report) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%-34s %-15s %-18s %-22s %5s  %s%n", "way", "cache", "company", "choice", "codes", "equal");
    for (DecodeCheck.Row row : report.rows()) {
      String verdict = row.equal() + " of " + row.runs() + (row.equal() == row.runs() ? "" : " DIFFERENT");
      out.printf("%-34s %-15s %-18s %-22s %5d  %s%n", row.way(), row.kv(), row.company(), row.choice(), row.codes(), verdict);
    }
    out.printf("%d combinations, %d runs, %d equal: %s%n", report.rows().size(), report.runs(), report.equal(), report.passed() ? "identical" : "NOT IDENTICAL");
    out.flush();
  }

  private void report(Map<String, Object> json) {
    if (output != null) {
      Json.write(output, json);
    }
  }
}
