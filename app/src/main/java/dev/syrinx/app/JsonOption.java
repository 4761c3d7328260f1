package dev.syrinx.app;

import dev.syrinx.bench.Reports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** {@code -o} of commands whose result is printed as JSON. Use as a {@code @Mixin}. */
public final class JsonOption {
  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(names = {"-o", "--output"}, paramLabel = "FILE", description = "Write the JSON there, too.")
  private Path output;

  /**
   * Prints a result, and writes it where that was asked for.
   *
   * @throws CommandException.BadOutput if it cannot be written
   */
  void print(Map<String, Object> report) {
    spec.commandLine().getOut().println(Reports.json(report));
    if (output != null) {
      try {
        Reports.write(output, report);
      } catch (IOException e) {
        throw new CommandException.BadOutput("cannot write " + output + ": " + e, e);
      }
    }
  }
}
