package dev.syrinx.decode;

import dev.syrinx.backend.Ops;
import dev.syrinx.model.gpt.Gpt;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.model.gpt.KvPool;
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
    check(session.gpt(), options);
    try (GenerationRun run = new GenerationRun(session, options, noise, listener)) {
      return run.generate();
    }
  }

  /** Whether a model can do what is asked. */
  static void check(Gpt gpt, SamplingOptions options) {
    if (options.maxTokens() > gpt.maxCodes()) {
      throw new DecodeException("max tokens is " + options.maxTokens() + ", but this model has positions for " + gpt.maxCodes() + " codes");
    }
    if (options.draws() > (long) options.beams() * gpt.vocabulary()) {
      throw new DecodeException(options.beams() + " beams need more candidates than the vocabulary of " + gpt.vocabulary() + " has");
    }
  }

  /**
   * Opens a session with a pool of its own.
   *
   * @param speaker latents {@code [n, d]}
   * @param emotion {@code [1, d]}
   * @param ids of the text
   * @param kv layout of the pool
   */
  public static GptSession open(Ops ops, Gpt gpt, Tensor speaker, Tensor emotion, int[] ids, SamplingOptions options, KvOptions kv) {
    int longest = speaker.rows() + ids.length + 16 + options.maxTokens();
    return new GptSession(ops, gpt, pool(ops, gpt, kv, longest, false), true, speaker, emotion, ids);
  }

  /** The same with paged keys and values. */
  public static GptSession open(Ops ops, Gpt gpt, Tensor speaker, Tensor emotion, int[] ids, SamplingOptions options) {
    return open(ops, gpt, speaker, emotion, ids, options, KvOptions.defaults());
  }

  /**
   * A pool of a layout.
   *
   * @param longest positions of the longest sequence
   * @param sharing whether sequences share the beginnings of their prompts, where the layout allows it
   */
  static KvPool pool(Ops ops, Gpt gpt, KvOptions kv, int longest, boolean sharing) {
    boolean paged = kv.layout() == KvOptions.Layout.PAGED;
    return new KvPool(ops, gpt.layers(), gpt.width(), gpt.cache(ops), paged ? kv.blockSize() : Math.ceilDiv(longest, 256) * 256, paged && sharing);
  }
}
