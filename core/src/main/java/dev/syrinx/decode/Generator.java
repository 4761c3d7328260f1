package dev.syrinx.decode;

import dev.syrinx.backend.Ops;
import dev.syrinx.model.gpt.Gpt;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.tensor.Tensor;

/** From a text to codes: reads the prefix, then samples code by code until the model stops. */
public final class Generator {
  private Generator() {}

  /**
   * Generates codes for a session, once.
   *
   * @param session just opened
   * @throws DecodeException if the model has no positions for so many codes
   * @throws DecodeException if the scores are not numbers
   */
  public static Generation run(GptSession session, SamplingOptions options, NoiseSource noise, GenerationListener listener) {
    Gpt gpt = session.gpt();
    if (options.maxTokens() > gpt.maxCodes()) {
      throw new DecodeException("max tokens is " + options.maxTokens() + ", but this model has positions for " + gpt.maxCodes() + " codes");
    }
    if (options.draws() > (long) options.beams() * gpt.vocabulary()) {
      throw new DecodeException(options.beams() + " beams need more candidates than the vocabulary of " + gpt.vocabulary() + " has");
    }
    try (GenerationRun run = new GenerationRun(session, options, noise, listener)) {
      return run.generate();
    }
  }

  /**
   * Opens a session with room for a sentence of some seconds; a longer one makes its cache grow.
   *
   * @param speaker latents {@code [n, d]}
   * @param emotion {@code [1, d]}
   * @param ids of the text
   */
  public static GptSession open(Ops ops, Gpt gpt, Tensor speaker, Tensor emotion, int[] ids, SamplingOptions options) {
    return new GptSession(ops, gpt, speaker, emotion, ids, Math.min(options.maxTokens(), 256) + 2 * options.beams());
  }
}
