package dev.syrinx.bench.study;

/** A matrix file that cannot be used: what is wrong, and where. */
public final class MatrixException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public MatrixException(String message) {
    super(message);
  }

  public MatrixException(String message, Throwable cause) {
    super(message, cause);
  }
}
