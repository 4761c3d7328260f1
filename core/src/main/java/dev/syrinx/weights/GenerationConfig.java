package dev.syrinx.weights;

import java.nio.file.Path;
import java.util.List;

/**
 * {@code generation_config.json} of a language model; keys that are absent have the defaults of the official library.
 *
 * @param endTokens tokens that end an answer; empty if the file names none
 */
public record GenerationConfig(boolean sample, double temperature, int topK, double topP, List<Integer> endTokens) {

  /**
   * Reads the file.
   *
   * @throws CheckpointException naming the file, the key, what was expected and what was found
   */
  public static GenerationConfig read(Path file) {
    ConfigNode node = ConfigNode.json(file);
    return new GenerationConfig(
        node.flag("do_sample", false),
        node.real("temperature", 1),
        node.integer("top_k", 0, ConfigNode.LARGEST, 50),
        node.real("top_p", 1),
        node.has("eos_token_id") ? node.integers("eos_token_id") : List.of());
  }
}
