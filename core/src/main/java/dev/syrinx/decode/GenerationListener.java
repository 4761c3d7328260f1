package dev.syrinx.decode;

import dev.syrinx.tensor.Tensor;

/** Follows a generation. Called on the generating thread after every step; tensors are valid during the call only. */
@FunctionalInterface
public interface GenerationListener {
  /** Nobody follows. */
  GenerationListener NONE = step -> true;

  /** @return whether to go on */
  boolean step(Step step);

  /** A step that was just done. The object is reused. */
  interface Step {
    /** Number of the step, from 0. */
    int index();

    /** Most steps there may be. */
    int limit();

    /** Time of this step. */
    long nanos();

    /** Raw logits {@code [beams, vocabulary]}. */
    Tensor logits();

    /** What the processors left of them; dropped candidates are −∞. {@code [beams, vocabulary]}. */
    Tensor scores();

    /** Draws in their order: beam·vocabulary + id. */
    int[] draws();

    /** The code that each beam was continued with; the drawn code if there is but one. */
    int[] tokens();

    /** Which beam each beam continues. */
    int[] parents();

    /** Sum of scores of each beam. */
    float[] beamScores();
  }
}
