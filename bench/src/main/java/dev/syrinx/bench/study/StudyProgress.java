package dev.syrinx.bench.study;

/** Is told how a study advances. */
public interface StudyProgress {
  /** A stage begins, and ends the one before. */
  void stage(String name);

  /** How much of the stage is done. */
  void step(long done, long total);

  /** A line that stays. */
  void note(String line);
}
