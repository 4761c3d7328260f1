package dev.syrinx.model.emotion;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.weights.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the tensors of the emotion language model do not tell.
 *
 * @param heads query heads
 * @param kvHeads key and value heads
 * @param normEps added to the mean square
 * @param ropeTheta base of the rotary angles
 * @param maxPositions most positions
 * @param stopIds ids that end an answer
 */
public record EmotionTextConfig(int heads, int kvHeads, double normEps, double ropeTheta, int maxPositions, List<Integer> stopIds) {
  /** @throws CheckpointException if a number cannot be */
  public EmotionTextConfig {
    stopIds = List.copyOf(stopIds);
    if (heads < 1 || kvHeads < 1 || heads % kvHeads != 0 || !(normEps > 0) || !(ropeTheta > 0) || maxPositions < 1 || stopIds.isEmpty()) {
      throw new CheckpointException("emotion text model: impossible configuration: %d heads over %d, norm eps %s, rope theta %s, %d positions, stop ids %s"
          .formatted(heads, kvHeads, normEps, ropeTheta, maxPositions, stopIds));
    }
  }

  /**
   * Reads {@code config.json} and, for the ids that end an answer, {@code generation_config.json} if it is there.
   *
   * @param folder of the model
   * @throws CheckpointException naming the file and the key
   */
  public static EmotionTextConfig read(Path folder) {
    Path file = folder.resolve("config.json");
    JsonNode config = json(file);
    String type = config.path("model_type").asText();
    if (!type.equals("qwen3")) {
      throw new CheckpointException(file + ": model_type should be 'qwen3', is '" + type + "'");
    }
    if (config.hasNonNull("rope_scaling") || config.path("use_sliding_window").asBoolean()) {
      throw new CheckpointException(file + ": rope_scaling and use_sliding_window are not supported; the official model has neither");
    }
    return new EmotionTextConfig(
        number(file, config, "num_attention_heads").asInt(), number(file, config, "num_key_value_heads").asInt(), number(file, config, "rms_norm_eps").asDouble(),
        number(file, config, "rope_theta").asDouble(), number(file, config, "max_position_embeddings").asInt(), stopIds(folder, config));
  }

  private static List<Integer> stopIds(Path folder, JsonNode config) {
    Path file = folder.resolve("generation_config.json");
    JsonNode ids = Files.exists(file) ? json(file).path("eos_token_id") : config.path("eos_token_id");
    List<Integer> found = new ArrayList<>();
    if (ids.isArray()) {
      ids.forEach(id -> found.add(id.asInt()));
    } else if (ids.isInt()) {
      found.add(ids.asInt());
    }
    return found;
  }

  private static JsonNode number(Path file, JsonNode config, String key) {
    JsonNode value = config.path(key);
    if (!value.isNumber()) {
      throw new CheckpointException(file + ": " + key + " should be a number, is " + (value.isMissingNode() ? "missing" : value));
    }
    return value;
  }

  private static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (JacksonException e) {
      throw new CheckpointException(file + ": no JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
