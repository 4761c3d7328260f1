package dev.syrinx.ffi;

import java.util.Optional;

/**
 * Something of the machine that may be missing: it, or why it is not there. Never an error, because every native part of the engine is
 * optional.
 *
 * @param <T> what was looked for
 */
public sealed interface Probe<T> {
  /** It is there. */
  record Present<T>(T value) implements Probe<T> {}

  /**
   * It is not there.
   *
   * @param reason what was tried and how it failed
   * @param remedy what a user can do about it
   */
  record Absent<T>(String reason, String remedy) implements Probe<T> {}

  /** The value where there is one. */
  default Optional<T> toOptional() {
    return this instanceof Present<T>(T value) ? Optional.of(value) : Optional.empty();
  }
}
