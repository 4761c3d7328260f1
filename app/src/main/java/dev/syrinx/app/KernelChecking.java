package dev.syrinx.app;

import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.bench.Fingerprint;
import dev.syrinx.bench.Reports;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.synth.Switches;
import dev.syrinx.verify.KernelCheck;
import dev.syrinx.verify.KernelCheckDevice;
import dev.syrinx.verify.KernelCheckHost;
import dev.syrinx.verify.KernelCheckOutcome;
import dev.syrinx.verify.KernelCheckShare;
import dev.syrinx.verify.KernelCheckTarget;
import dev.syrinx.verify.KernelCheckTiming;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code syrinx kernels --check} and {@code --time}. Lines are printed as they come: a kernel may take the process with it. */
final class KernelChecking {
  private static final String CHECK_LINE = "%-20s %-12s %-5s %5s  %10s  %s%n";
  private static final String TIME_LINE = "%-20s %-12s %-5s %10s %9s %8s %8s %5s  %s%n";

  private final PrintWriter out;
  private final DeviceOptions device;

  KernelChecking(PrintWriter out, DeviceOptions device) {
    this.out = out;
    this.device = device;
  }

  /** The GPU that was chosen; none for the CPU. */
  private Optional<CudaBackend> gpu() {
    Switches switches = device.switches(Switches.preset(Switches.Preset.FULL).withFusion(false));
    return device.target() == Switches.Target.CPU ? Optional.empty() : Optional.of((CudaBackend) device.open(switches));
  }

  /** Checks kernels against their references. */
  int check(List<KernelSpec> specs, KernelCheckShare share) {
    Optional<CudaBackend> gpu = gpu();
    KernelCheck.Report report;
    try {
      out.println("against the scalar reference on " + gpu.map(CudaBackend::description).orElse("the CPU, vector bodies"));
      out.printf(CHECK_LINE, "kernel", "variant", "type", "runs", "error", "result (error: share of what is allowed)");
      out.flush();
      KernelCheckTarget target = gpu.<KernelCheckTarget>map(KernelCheckDevice::new).orElseGet(KernelCheckHost::new);
      report = new KernelCheck(target, share, this::print).run(specs);
    } finally {
      gpu.ifPresent(CudaBackend::close);
    }
    summary(report, specs);
    int rest = report.skipped().size() > 1 ? again(report.skipped().subList(1, report.skipped().size()), share) : ExitCode.OK;
    return report.passed() && rest == ExitCode.OK ? ExitCode.OK : ExitCode.FOUND;
  }

  private void print(KernelCheckOutcome outcome) {
    String result = outcome.passed() ? outcome.runs() == 0 ? "no case" : "pass" : "MISS " + (outcome.worst().allowed() ? "" : outcome.worst().where());
    out.printf(
        Locale.ROOT, CHECK_LINE, outcome.kernel(), outcome.variant(), lower(outcome.type()), outcome.runs(), String.format(Locale.ROOT, "%.3f", outcome.worst().share()),
        result);
    outcome.faults().forEach(fault -> out.println("    " + fault));
    out.flush();
  }

  private void summary(KernelCheck.Report report, List<KernelSpec> specs) {
    long missed = report.outcomes().stream().filter(outcome -> !outcome.passed()).count();
    List<String> seen = report.outcomes().stream().map(KernelCheckOutcome::kernel).distinct().toList();
    List<String> without = specs.stream().map(KernelSpec::name).filter(name -> !seen.contains(name) && !report.skipped().contains(name)).toList();
    out.println(report.outcomes().size() + " implementations and types, " + missed + " missed");
    if (!without.isEmpty()) {
      out.println("without an implementation here: " + String.join(", ", without));
    }
    if (!report.skipped().isEmpty()) {
      out.println("the device was lost in " + report.skipped().getFirst() + ", so it was not checked to the end");
    }
    out.flush();
  }

  /** A device whose context is lost is lost to the whole process, so another one checks the kernels that are left. */
  private int again(List<String> names, KernelCheckShare share) {
    List<String> args = new ArrayList<>(List.of("kernels", "--check"));
    args.addAll(names);
    args.addAll(List.of("--part", share.part() + "/" + share.parts()));
    if (share.brief()) {
      args.add("--brief");
    }
    args.addAll(device.arguments());
    out.println("going on in another process with " + String.join(", ", names));
    out.flush();
    return AnotherProcess.run(args);
  }

  /** Times CUDA variants on the shapes of the model. */
  int time(List<KernelSpec> specs, Optional<Path> file) {
    Map<String, Object> report = times(specs);
    file.ifPresent(path -> write(path, report));
    return ExitCode.OK;
  }

  /** The same as a report. */
  Map<String, Object> times(List<KernelSpec> specs) {
    CudaBackend backend =
        gpu().orElseThrow(() -> new CommandException.BadInput("--time needs a GPU: use --device cuda:N; for the CPU there is 'syrinx bench kernels'"));
    try (backend) {
      out.println("median of 20 on " + backend.description());
      out.printf(TIME_LINE, "kernel", "variant", "type", "µs", "fastest", "GB/s", "TFLOP/s", "sets", "case");
      List<KernelCheckTiming.Time> times = new KernelCheckTiming(backend, this::print).run(specs);
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("benchmark", "CUDA kernels on the model's shapes");
      report.put("machine", Fingerprint.of());
      report.put("device", backend.description());
      report.put("calls", times);
      return report;
    }
  }

  private void print(KernelCheckTiming.Time time) {
    String name = time.name() + " " + (time.failure().isEmpty() ? time.shape() : time.failure());
    out.printf(
        TIME_LINE, time.kernel(), time.variant(), lower(time.type()), number(time.micros()), number(time.least()), number(time.gigabytesPerSecond()),
        number(time.teraflopsPerSecond()), time.sets(), name);
    out.flush();
  }

  private static void write(Path file, Map<String, Object> report) {
    try {
      Reports.write(file, report);
    } catch (IOException e) {
      throw new CommandException.BadOutput("cannot write " + file + ": " + e, e);
    }
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, value >= 1000 ? "%.0f" : value >= 10 ? "%.1f" : "%.3f", value);
  }

  private static String lower(DType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
