package dev.syrinx.bench.peer;

/** Another implementation cannot be had, or does not do what it is asked for: the message says why. */
public final class PeerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  PeerException(String message) {
    super(message);
  }

  PeerException(String message, Throwable cause) {
    super(message, cause);
  }
}
