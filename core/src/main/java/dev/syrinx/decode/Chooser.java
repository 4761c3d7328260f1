package dev.syrinx.decode;

/** Turns draws into what is said: one sequence, or beams. Arrays are its own and change with every step. */
sealed interface Chooser permits PlainSampling, BeamSearch {
  /** Codes so far, the same number for all beams. */
  int length();

  /** Codes of a beam: the first {@link #length} of the array. */
  int[] codes(int beam);

  /**
   * One step.
   *
   * @param drawn beam·vocabulary + id of each draw
   * @param picked its score
   * @return whether to go on
   */
  boolean advance(int[] drawn, float[] picked);

  /** Which beam each beam continues. */
  int[] parents();

  /** Code that each beam was continued with. */
  int[] tokens();

  /** Sum of scores of each beam. */
  float[] scores();

  /** The winner. */
  Hypothesis finish();
}
