package dev.syrinx.app.doctor;

/**
 * One thing that was looked at.
 *
 * @param area what it belongs to, such as {@code java}
 * @param name what it is, such as {@code vector width}
 * @param status whether it is as it should be
 * @param value what was found, or why nothing was
 * @param remedy what to do; empty if there is nothing to do
 */
record Check(String area, String name, Status status, String value, String remedy) {
  /** How a check ended. */
  enum Status {
    OK,
    /** Optional and not there: the engine runs without it. */
    ABSENT,
    /** The engine does not run, or runs much worse, until this is put right. */
    PROBLEM
  }

  static Check ok(String area, String name, String value) {
    return new Check(area, name, Status.OK, value, "");
  }

  static Check absent(String area, String name, String reason, String remedy) {
    return new Check(area, name, Status.ABSENT, reason, remedy);
  }

  static Check problem(String area, String name, String value, String remedy) {
    return new Check(area, name, Status.PROBLEM, value, remedy);
  }
}
