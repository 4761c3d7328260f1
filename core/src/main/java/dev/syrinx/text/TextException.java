package dev.syrinx.text;

/** A text that cannot be spoken, or a setting of the text front end that makes no sense. The message says what and what to do. */
public final class TextException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public TextException(String message) {
    super(message);
  }

  public TextException(String message, Throwable cause) {
    super(message, cause);
  }
}
