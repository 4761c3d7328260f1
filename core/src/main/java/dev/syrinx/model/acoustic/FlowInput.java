package dev.syrinx.model.acoustic;

import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;

/**
 * What a mel spectrogram is made from.
 *
 * @param promptMel log-mel of the reference audio {@code [prompt frames, mels]}
 * @param promptCondition the length regulator's output for it {@code [prompt frames, content]}
 * @param condition the length regulator's output for the speech to be made {@code [frames, content]}
 * @param style the speaker encoder's vector {@code [1, style]}
 */
public record FlowInput(Tensor promptMel, Tensor promptCondition, Tensor condition, Tensor style) {
  /** Checks that the parts fit each other. */
  public FlowInput {
    if (promptMel.rows() != promptCondition.rows() || promptCondition.cols() != condition.cols() || condition.rows() < 1) {
      throw new ShapeException("flow from prompt " + promptMel + ", its condition " + promptCondition + " and condition " + condition);
    }
  }

  /** Frames of the reference audio. */
  public int promptFrames() {
    return promptMel.rows();
  }

  /** Frames to be made. */
  public int frames() {
    return condition.rows();
  }

  /** Frames of both: as many columns the noise must have. */
  public int totalFrames() {
    return promptFrames() + frames();
  }
}
