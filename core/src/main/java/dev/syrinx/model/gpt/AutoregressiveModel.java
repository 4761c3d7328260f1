package dev.syrinx.model.gpt;

import dev.syrinx.model.conditioning.Conditioner;
import dev.syrinx.nn.Parameters;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.WeightSource;

/** All of {@code gpt.pth}: from prompts' features and text ids to codes and latents. */
public record AutoregressiveModel(Conditioner conditioner, Gpt gpt) {
  /**
   * Reads a checkpoint, strictly: every tensor is used or known to be of no use.
   *
   * @param source the tensors, without a wrapping {@code model} key
   * @throws CheckpointException naming tensors that are missing, misshapen or unknown
   */
  public static AutoregressiveModel load(WeightSource source, GptConfig config, Parameters parameters) {
    TensorTable table = new TensorTable(source, "GPT");
    AutoregressiveModel model = new AutoregressiveModel(Conditioner.load(table, parameters), Gpt.load(table, config, parameters));
    table.finish();
    if (model.conditioner.width() != model.gpt.width()) {
      throw new CheckpointException(
          "GPT: the conditioners' width " + model.conditioner.width() + " is not the decoder's " + model.gpt.width());
    }
    return model;
  }
}
