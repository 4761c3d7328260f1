package dev.syrinx.decode;

/** A generation that cannot go on. */
public final class DecodeException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public DecodeException(String message) {
    super(message);
  }
}
