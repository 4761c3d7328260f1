package dev.syrinx.app.doctor;

import dev.syrinx.app.ExitCode;
import dev.syrinx.app.Json;
import dev.syrinx.app.ModelOption;
import dev.syrinx.app.Table;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What runs here and why not the rest. */
@Command(
    name = "doctor",
    description = "Say what runs on this machine and what does not, why, and what to do. Exit code 1 if there is a problem.",
    footer = {"  syrinx doctor", "  syrinx doctor --model ./checkpoints", "  syrinx doctor --json"})
public final class DoctorCommand implements Callable<Integer> {
  /** The whole finding for {@code --json}. */
  private record Report(boolean healthy, List<Check> checks) {}

  @Spec private CommandSpec spec;

  @Mixin private ModelOption model;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    List<Check> checks = new ArrayList<>(MachineChecks.run());
    checks.addAll(CudaChecks.run());
    model.given().ifPresent(given -> checks.addAll(ModelChecks.run(model.folder())));
    long problems = checks.stream().filter(check -> check.status() == Check.Status.PROBLEM).count();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.text(new Report(problems == 0, checks)));
    } else {
      print(out, checks, problems);
    }
    out.flush();
    return problems == 0 ? ExitCode.OK : ExitCode.FOUND;
  }

  private static void print(PrintWriter out, List<Check> checks, long problems) {
    Table table = new Table("area", "check", "status", "found");
    checks.forEach(check -> table.row(check.area(), check.name(), check.status().name().toLowerCase(Locale.ROOT), check.value()));
    out.println(table);
    List<Check> remedies = checks.stream().filter(check -> !check.remedy().isEmpty()).toList();
    if (!remedies.isEmpty()) {
      out.println();
      remedies.forEach(check -> out.println(check.area() + ", " + check.name() + ": " + check.remedy()));
    }
    out.println();
    out.println(problems == 0 ? "No problem found." : problems == 1 ? "1 problem found." : problems + " problems found.");
  }
}
