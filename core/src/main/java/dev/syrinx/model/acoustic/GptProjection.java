package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.WeightSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * From the GPT's latents to the width of the codec: linear layers in a row without an activation between them.
 *
 * @param layers at least one
 */
public record GptProjection(List<Linear> layers) {
  /** Copies the list. */
  public GptProjection {
    layers = List.copyOf(layers);
  }

  /**
   * Loads {@code gpt_layer}.
   *
   * @throws dev.syrinx.weights.CheckpointException if tensors are missing, surplus or do not follow each other
   */
  public static GptProjection load(WeightSource source, Parameters parameters) {
    TensorTable table = new TensorTable(source, "latent projection");
    List<Linear> layers = new ArrayList<>();
    int width = -1;
    do {
      String name = Integer.toString(layers.size());
      StoredTensor weight = table.tensor(name + ".weight", -1, width);
      width = weight.dim(0);
      layers.add(parameters.linear(weight, Optional.of(table.tensor(name + ".bias", width))));
    } while (table.has(layers.size() + ".weight"));
    table.finish();
    return new GptProjection(layers);
  }

  /** Width of the codec. */
  public int width() {
    return layers.getLast().n();
  }

  /** Latents {@code [codes, model width]} to {@code [codes, codec width]}. */
  public Tensor apply(Ops ops, Tensor latent) {
    Tensor x = latent;
    for (Linear layer : layers) {
      x = ops.linear(x, layer);
    }
    return x;
  }
}
