package dev.syrinx.app;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** {@code --quiet}, and the progress line that it silences. Use as a {@code @Mixin}. */
public final class ProgressOption {
  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(names = {"-q", "--quiet"}, description = "No progress on stderr.")
  private boolean quiet;

  /** The command's progress line. */
  public Progress open() {
    return Progress.to(spec.commandLine().getErr(), quiet);
  }
}
