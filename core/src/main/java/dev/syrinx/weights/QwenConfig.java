package dev.syrinx.weights;

import java.nio.file.Path;
import java.util.List;

/**
 * {@code config.json} of the language model that reads emotions from text (Qwen3).
 *
 * @param keyValueHeads heads of keys and values; groups of query heads share one
 * @param headDim width of one head, which need not be hiddenSize / heads
 * @param ropeTheta base of the rotary positions
 * @param tiedEmbeddings whether the output head is the embedding table
 * @param endTokens tokens that end an answer; empty if the file names none
 */
public record QwenConfig(
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headDim,
    int maxPositions,
    double rmsNormEps,
    double ropeTheta,
    boolean tiedEmbeddings,
    List<Integer> endTokens) {

  /**
   * Reads the file.
   *
   * @throws CheckpointException naming the file, the key, what was expected and what was found
   */
  public static QwenConfig read(Path file) {
    ConfigNode node = ConfigNode.json(file);
    node.only("model_type", "qwen3");
    node.only("hidden_act", "silu");
    node.only("attention_bias", "false");
    node.only("use_sliding_window", "false");
    // Newer writers moved the rotary base into a section of its own.
    ConfigNode rope = node.has("rope_parameters") ? node.section("rope_parameters") : node;
    int heads = node.count("num_attention_heads");
    QwenConfig config = new QwenConfig(
        node.count("vocab_size"),
        node.count("hidden_size"),
        node.count("intermediate_size"),
        node.integer("num_hidden_layers", 1, 4096),
        heads,
        node.integer("num_key_value_heads", 1, ConfigNode.LARGEST, heads),
        node.integer("head_dim", 2, ConfigNode.LARGEST, Math.max(2, node.count("hidden_size") / heads)),
        node.integer("max_position_embeddings", 1, Integer.MAX_VALUE, 40960),
        node.real("rms_norm_eps", 1e-6),
        rope.has("rope_theta") ? rope.real("rope_theta") : node.real("rope_theta", 1e6),
        node.flag("tie_word_embeddings", false),
        node.has("eos_token_id") ? node.integers("eos_token_id") : List.of());
    check(node, config);
    return config;
  }

  private static void check(ConfigNode node, QwenConfig config) {
    if (node.has("rope_scaling")) {
      throw node.error("rope_scaling is not supported");
    }
    if (config.heads() % config.keyValueHeads() != 0) {
      throw node.error("num_key_value_heads, %d, must divide num_attention_heads, %d".formatted(config.keyValueHeads(), config.heads()));
    }
    if (config.headDim() % 2 != 0) {
      throw node.error("head_dim, %d, must be even".formatted(config.headDim()));
    }
  }
}
