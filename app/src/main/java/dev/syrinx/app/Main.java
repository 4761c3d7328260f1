package dev.syrinx.app;

import dev.syrinx.app.doctor.DoctorCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program {@code syrinx}. To add a command: one class, and its name in the list below. */
@Command(
    name = "syrinx",
    description = "Text to speech in a given voice: IndexTTS-2 on the JVM.",
    subcommands = {
      SpeakCommand.class, VoiceCommand.class, VerifyCommand.class, BenchCommand.class, DoctorCommand.class, KernelsCommand.class
    },
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {"  syrinx doctor", "  syrinx kernels gemm"},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:a verification missed, or the doctor found a problem",
      "2:wrong command line",
      "3:something given cannot be used (audio, text, model, device)",
      "4:the result could not be written",
      "70:internal error"
    })
public final class Main implements Runnable {
  /** Environment variable: stack traces and more log, as {@code --debug}. */
  static final String DEBUG_VARIABLE = "SYRINX_DEBUG";

  private static final String DEBUG_OPTION = "--debug";

  @Spec private CommandSpec spec;

  @Option(
      names = DEBUG_OPTION,
      scope = ScopeType.INHERIT,
      description = "Show stack traces and more log (or set " + DEBUG_VARIABLE + "=1).")
  private boolean debug;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say which command to run");
  }

  boolean debug() {
    return debug || debugVariable();
  }

  private static boolean debugVariable() {
    String value = System.getenv(DEBUG_VARIABLE);
    return value != null && !value.isEmpty() && !value.equals("0");
  }

  /** The parser with everything set up; tests give it other writers and more commands. */
  static CommandLine commandLine(Object... more) {
    Main main = new Main();
    CommandLine commandLine = new CommandLine(main);
    for (Object command : more) {
      commandLine.addSubcommand(command); // settings reach the commands that are there when they are made
    }
    return commandLine
        .setExpandAtFiles(false) // a text may begin with @
        .setUsageHelpAutoWidth(true)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Failures::wrongUsage)
        .setExecutionExceptionHandler((e, command, parsed) -> Failures.failed(e, command, main.debug()));
  }

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    if (Arrays.asList(args).contains(DEBUG_OPTION) || debugVariable()) {
      // Read when the first logger is made, which is before arguments are parsed.
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
    }
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code;
    try {
      code = commandLine().setErr(err).setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8)).execute(args);
    } catch (OutOfMemoryError e) {
      code = Failures.outOfMemory(e, err);
    }
    System.exit(code);
  }
}
