package dev.syrinx.app;

import dev.syrinx.audio.AudioException;
import dev.syrinx.backend.cuda.CudaUnavailableException;
import dev.syrinx.backend.cuda.UnsupportedCallException;
import dev.syrinx.backend.cuda.UserKernelException;
import dev.syrinx.decode.DecodeException;
import dev.syrinx.ffi.cuda.DeviceOutOfMemoryException;
import dev.syrinx.synth.OptionsException;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.text.TextException;
import dev.syrinx.text.TextModelException;
import dev.syrinx.weights.CheckpointException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever a command threw into one message on stderr and an exit code. */
final class Failures {
  /** The engine's own words for something given that cannot be used; their messages name file, place and remedy. */
  private static final Set<Class<? extends RuntimeException>> BAD_INPUT =
      Set.of(
          AudioException.class,
          CudaUnavailableException.class,
          DeviceOutOfMemoryException.class,
          UnsupportedCallException.class,
          UserKernelException.class,
          CheckpointException.class,
          DecodeException.class,
          OptionsException.class,
          ShapeException.class,
          TextException.class,
          TextModelException.class);

  /** The command whose arguments are a text, which shells take apart. */
  private static final String SPEAK = "speak";

  private Failures() {}

  /** A wrong command line: the message, a likely correction, where to read on. */
  static int wrongUsage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("syrinx: " + usage(e));
    UnmatchedArgumentException.printSuggestions(e, err);
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return ExitCode.USAGE;
  }

  private static String usage(ParameterException e) {
    if (!(e instanceof UnmatchedArgumentException unmatched) || unmatched.getUnmatched().isEmpty()) {
      return e.getMessage();
    }
    String first = unmatched.getUnmatched().getFirst();
    String speaks = e.getCommandLine().getCommandName().equals(SPEAK)
        ? first.startsWith("-") ? "; a text that begins with a hyphen comes last, after --" : "; a text of several words needs quotes around it"
        : "";
    return "'" + first + "' is no command or option here" + speaks;
  }

  /** A command that failed. */
  static int failed(Exception e, CommandLine command, boolean debug) {
    PrintWriter err = command.getErr();
    int code = exitCode(e);
    if (code == ExitCode.INTERNAL) {
      err.println("syrinx: internal error: " + e);
      String help = debug ? "Please report it with what follows." : "Run it again with --debug and report what that prints.";
      err.println("This is a bug. " + help);
    } else {
      err.println("syrinx: " + message(e));
    }
    if (debug) {
      e.printStackTrace(err);
    }
    err.flush();
    return code;
  }

  /** The heap ran out, which no handler inside a command may hide. */
  static int outOfMemory(OutOfMemoryError e, PrintWriter err) {
    long heap = Runtime.getRuntime().maxMemory() >> 20;
    err.println("syrinx: out of memory (" + e.getMessage() + ") with a Java heap of at most " + heap + " MiB:"
        + " raise it with SYRINX_JAVA_OPTS=-Xmx8g, or shorten the input");
    err.flush();
    return ExitCode.INTERNAL;
  }

  private static int exitCode(Exception e) {
    if (e instanceof CommandException command) {
      return command.exitCode();
    }
    boolean reading = e instanceof IOException || e instanceof UncheckedIOException;
    return reading || BAD_INPUT.contains(e.getClass()) ? ExitCode.INPUT : ExitCode.INTERNAL;
  }

  private static String message(Exception e) {
    Exception cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : e;
    return switch (cause) {
      case NoSuchFileException missing -> missing.getFile() + " does not exist: check the name";
      case AccessDeniedException denied -> denied.getFile() + " may not be read: check its permissions";
      case FileSystemException file -> "cannot read " + file.getFile() + (file.getReason() == null ? "" : ": " + file.getReason());
      case FileNotFoundException missing -> "cannot read " + missing.getMessage();
      case IOException io -> "reading failed: " + (io.getMessage() == null ? io.toString() : io.getMessage());
      default -> cause.getMessage();
    };
  }
}
