package dev.syrinx.app;

/** How the process ends. Documented in the README; scripts rely on these numbers. */
public final class ExitCode {
  /** Done. */
  public static final int OK = 0;

  /** A verification missed a tolerance, or the doctor found a problem. */
  public static final int FOUND = 1;

  /** The command line is wrong. */
  public static final int USAGE = 2;

  /** Something given cannot be used: audio, text, a model, a device. */
  public static final int INPUT = 3;

  /** The result could not be written. */
  public static final int OUTPUT = 4;

  /** A bug or a machine that gave out. */
  public static final int INTERNAL = 70;

  private ExitCode() {}
}
