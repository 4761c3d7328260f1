package dev.syrinx.audio;

/** Audio that cannot be read, used or written. The message says what is wrong, where, and what to do. */
public final class AudioException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Explains the failure to a person. */
  public AudioException(String message) {
    super(message);
  }

  /** Explains the failure to a person and keeps its cause. */
  public AudioException(String message, Throwable cause) {
    super(message, cause);
  }

  static AudioException tooFewSamples(String purpose, int samples, String needed) {
    return new AudioException("too short: " + samples + " samples do not suffice for " + purpose + ", which needs " + needed
        + "; use a recording of a few seconds");
  }
}
