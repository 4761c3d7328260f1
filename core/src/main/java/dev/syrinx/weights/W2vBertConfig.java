package dev.syrinx.weights;

import java.nio.file.Path;

/**
 * {@code config.json} of w2v-bert-2.0.
 *
 * @param inputSize features per frame
 * @param kernelSize taps of the causal depthwise convolution
 * @param leftPositions distances to the left that have positions of their own
 * @param rightPositions distances to the right that have positions of their own
 */
public record W2vBertConfig(
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int inputSize,
    int kernelSize,
    int leftPositions,
    int rightPositions,
    double layerNormEps) {

  /**
   * Reads the file; keys that may be absent have the defaults of the model class they belong to.
   *
   * @throws CheckpointException naming the file, the key, what was expected and what was found
   */
  public static W2vBertConfig read(Path file) {
    ConfigNode node = ConfigNode.json(file);
    node.only("position_embeddings_type", "relative_key");
    node.only("hidden_act", "swish");
    node.only("add_adapter", "false");
    W2vBertConfig config = new W2vBertConfig(
        node.count("hidden_size"),
        node.count("intermediate_size"),
        node.integer("num_hidden_layers", 1, 4096),
        node.count("num_attention_heads"),
        node.integer("feature_projection_input_dim", 1, ConfigNode.LARGEST, 160),
        node.integer("conv_depthwise_kernel_size", 1, 4096, 31),
        node.integer("left_max_position_embeddings", 0, 1 << 20, 64),
        node.integer("right_max_position_embeddings", 0, 1 << 20, 8),
        node.real("layer_norm_eps", 1e-5));
    if (config.hiddenSize() % config.heads() != 0) {
      throw node.error("num_attention_heads, %d, must divide hidden_size, %d".formatted(config.heads(), config.hiddenSize()));
    }
    return config;
  }
}
