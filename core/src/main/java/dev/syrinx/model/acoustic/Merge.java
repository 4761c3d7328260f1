package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * The estimator's input layer, {@code merge([x | prompt | condition | style])}, split by how often its inputs change: x every step, the
 * others once per utterance, those of the unconditional branch never.
 *
 * @param condition from the length regulator's width
 * @param moving columns of x
 * @param still columns of prompt and condition
 * @param style columns of style, with the bias
 * @param unconditional the still part where prompt, regulated condition and style are zero: {@code [1, width]}
 */
record Merge(Linear condition, Linear moving, Linear still, Linear style, Tensor unconditional) {
  static Merge load(TensorTable table, int width, int content, int mels, int styles, Parameters parameters) {
    float[] project = table.tensor("cond_projection.weight", width, content).toFloats();
    float[] projectBias = table.tensor("cond_projection.bias", width).toFloats();
    int inputs = 2 * mels + width + styles;
    float[] merge = table.tensor("cond_x_merge_linear.weight", width, inputs).toFloats();
    float[] bias = table.tensor("cond_x_merge_linear.bias", width).toFloats();
    float[] conditions = Acoustic.columns(merge, inputs, 2 * mels, 2 * mels + width);
    float[] kept = Acoustic.columns(merge, inputs, mels, 2 * mels + width);
    float[] constant = Acoustic.sum(Acoustic.product(conditions, projectBias, width), bias); // zero in, but the projection's bias stays
    return new Merge(
        parameters.linear("cond_projection", project, width, content, Optional.of(projectBias)),
        parameters.linear("merge of x", Acoustic.columns(merge, inputs, 0, mels), width, mels, Optional.empty()),
        parameters.linear("merge of conditions", kept, width, mels + width, Optional.empty()),
        parameters.linear("merge of style", Acoustic.columns(merge, inputs, 2 * mels + width, inputs), width, styles, Optional.of(bias)),
        parameters.tensor(constant, 1, width));
  }

  /** The conditional branch's still part: {@code [total frames, width]}, into {@code y}. */
  void conditional(Ops ops, FlowInput input, Tensor y) {
    int prompt = input.promptFrames();
    int total = input.totalFrames();
    int mels = moving.k();
    try (var _ = ops.scope()) {
      Tensor inputs = ops.zeros(total, still.k()); // the prompt's mel is zero behind the prompt
      ops.copyInto(input.promptMel(), inputs.rows(0, prompt).cols(0, mels));
      Tensor conditions = inputs.cols(mels, still.k());
      ops.linearInto(input.promptCondition(), condition, Activation.NONE, conditions.rows(0, prompt));
      ops.linearInto(input.condition(), condition, Activation.NONE, conditions.rows(prompt, total));
      Tensor constant = ops.linear(input.style(), style);
      ops.linearInto(inputs, new Linear(still.weight(), still.scale(), Optional.of(constant.reshape(still.n()))), Activation.NONE, y);
    }
  }

  /** The unconditional branch's still part: the same row for every frame. */
  void unconditional(Ops ops, Tensor y) {
    try (var _ = ops.scope()) {
      ops.gatherInto(unconditional, ops.uploadInts(new int[y.rows()], y.rows()), Optional.empty(), y);
    }
  }
}
