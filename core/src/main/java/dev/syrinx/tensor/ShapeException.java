package dev.syrinx.tensor;

/** A view or an operation that does not fit a tensor's extents. */
public final class ShapeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public ShapeException(String message) {
    super("impossible: " + message);
  }
}
