package dev.syrinx.bench.study;

/** A folder that a study cannot go on in: what is wrong with it, and what to do. */
public final class StudyException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public StudyException(String message) {
    super(message);
  }

  public StudyException(String message, Throwable cause) {
    super(message, cause);
  }
}
