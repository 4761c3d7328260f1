package dev.syrinx.app;

import java.io.Serial;

/** A failure that a user can do something about. The message says what is wrong, where, and what to do; no stack trace is needed. */
public sealed class CommandException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final int exitCode;

  private CommandException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** The process's exit code. */
  public int exitCode() {
    return exitCode;
  }

  /** Something given cannot be used: exit code 3. */
  public static final class BadInput extends CommandException {
    @Serial private static final long serialVersionUID = 1L;

    /** What is wrong, where, and what to do. */
    public BadInput(String message) {
      super(ExitCode.INPUT, message, null);
    }

    /** The same, with what revealed it. */
    public BadInput(String message, Throwable cause) {
      super(ExitCode.INPUT, message, cause);
    }
  }

  /** The result could not be written: exit code 4. */
  public static final class BadOutput extends CommandException {
    @Serial private static final long serialVersionUID = 1L;

    /** What is wrong, where, and what to do. */
    public BadOutput(String message) {
      super(ExitCode.OUTPUT, message, null);
    }

    /** The same, with what revealed it. */
    public BadOutput(String message, Throwable cause) {
      super(ExitCode.OUTPUT, message, cause);
    }
  }
}
