package dev.syrinx.bench.report;

import java.io.Serial;

/** Runs that cannot be compared: the message says why, and what to do. */
public final class ComparisonException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** What is wrong and what to do. */
  public ComparisonException(String message) {
    super(message);
  }
}
