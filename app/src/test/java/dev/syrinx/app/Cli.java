package dev.syrinx.app;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** Runs the command line inside the test. */
public final class Cli {
  /** How a command ended. */
  public record Result(int code, String out, String err) {}

  private Cli() {}

  /** The program with these arguments. */
  public static Result run(String... args) {
    return run(Main.commandLine(), args);
  }

  static Result run(CommandLine commandLine, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    return new Result(code, out.toString(), err.toString());
  }
}
