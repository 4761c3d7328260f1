package dev.syrinx.model.gpt;

import dev.syrinx.weights.ModelConfig;

/**
 * What the decoder's tensors do not tell: the number of heads, and the ids with a meaning. Everything else comes from shapes.
 *
 * @param heads attention heads
 * @param startText id put before every text
 * @param stopText id put behind every text
 * @param startCode id that begins the generated part
 * @param stopCode id that ends it
 */
public record GptConfig(int heads, int startText, int stopText, int startCode, int stopCode) {
  /** @throws IllegalArgumentException if a number cannot be */
  public GptConfig {
    if (heads < 1 || startText < 0 || stopText < 0 || startCode < 0 || stopCode < 0) {
      throw new IllegalArgumentException(
          ("gpt section of the configuration: heads must be positive and token ids not negative, "
              + "got heads %d, text %d and %d, codes %d and %d").formatted(heads, startText, stopText, startCode, stopCode));
    }
  }

  /** The decoder's part of a model's configuration. */
  public static GptConfig of(ModelConfig.Gpt gpt) {
    return new GptConfig(gpt.heads(), gpt.startTextToken(), gpt.stopTextToken(), gpt.startMelToken(), gpt.stopMelToken());
  }
}
