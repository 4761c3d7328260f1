package dev.syrinx.model.gpt;

import dev.syrinx.backend.Ops;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;

/**
 * One text on its way to codes: the prefix has been read, its keys and values lie in a pool, the logits of the first code are known.
 *
 * <p>Only {@link #logits} is a temporary: of the scope in which the session was opened.
 */
public final class GptSession implements AutoCloseable {
  private final Ops ops;
  private final Gpt gpt;
  private final KvPool pool;
  private final boolean ownsPool;
  private final int[] ids;
  private final float[] speaker;
  private final float[] emotion;
  private final Tensor logits;
  private final Prompt prompt;
  private final float[] hidden;
  private boolean closed;

  /**
   * Reads the prefix, with a pool of its own.
   *
   * @param speaker latents {@code [n, d]}
   * @param emotion {@code [1, d]}
   * @param ids of the text
   */
  public GptSession(Ops ops, Gpt gpt, Tensor speaker, Tensor emotion, int[] ids) {
    this(ops, gpt, new KvPool(ops, gpt.layers(), gpt.width(), gpt.cache(ops), 16, false), true, speaker, emotion, ids);
  }

  /**
   * The same in a given pool.
   *
   * @param ownsPool whether the pool ends with the session
   */
  public GptSession(Ops ops, Gpt gpt, KvPool pool, boolean ownsPool, Tensor speaker, Tensor emotion, int[] ids) {
    this.ops = ops;
    this.gpt = gpt;
    this.pool = pool;
    this.ownsPool = ownsPool;
    this.ids = ids.clone();
    boolean again = gpt.drops(ids); // then the second pass begins anew
    this.speaker = again ? ops.download(speaker) : new float[0];
    this.emotion = again ? ops.download(emotion) : new float[0];
    logits = ops.empty(1, gpt.vocabulary());
    try (var _ = ops.scope()) {
      Prefix prefix = gpt.prefix(ops, speaker, emotion, ids);
      ops.tap("gpt.prefix", prefix.rows());
      Tensor last = ops.empty(1, gpt.width());
      prompt = Prompt.read(ops, gpt, pool, prefix, last);
      gpt.logits(ops, last, logits);
      hidden = ops.download(last);
    }
    ops.tap("gpt.logits_last", logits);
  }

  public Gpt gpt() {
    return gpt;
  }

  public Ops ops() {
    return ops;
  }

  /** Positions read so far: prefix without padding, and the start id. */
  public int prompt() {
    return prompt.positions();
  }

  /** Blocks of the prompt, in order. What lies behind {@link #prompt} in the last one is the generation's. */
  public int[] chain() {
    return prompt.chain().clone();
  }

  /** Positions that were not computed, because the pool had them. */
  public int reused() {
    return prompt.reused();
  }

  /** Logits of the first code {@code [1, vocabulary]}. */
  public Tensor logits() {
    return logits;
  }

  public KvPool pool() {
    return pool;
  }

  /**
   * The second pass: for each code the state from which training would have predicted it. {@code [codes, d]}, a temporary of the open scope.
   *
   * <p>The prefix's keys and values are used again, unless the text holds ids that generation drops.
   */
  public Tensor latents(int[] codes) {
    if (codes.length == 0) {
      throw new ShapeException("latents of no codes: the generation ended at once; there is nothing to synthesise");
    }
    Tensor y = ops.empty(codes.length, gpt.width());
    if (gpt.drops(ids)) {
      fromStart(codes, y);
    } else {
      ops.uploadInto(hidden, y.rows(0, 1));
      if (codes.length > 1) {
        resume(codes, y.rows(1, codes.length));
      }
    }
    ops.tap("gpt.latent", y);
    return y;
  }

  /**
   * Latents without a second pass, from the states that generation left. Approximate: generation numbers the positions of codes from 2 on, the second pass from 1.
   *
   * @param states output of the last block when code k was fed, row k {@code [codes − 1 or more, d]}
   * @return {@code [codes, d]}, a temporary of the open scope
   */
  public Tensor latents(int[] codes, Tensor states) {
    Tensor y = ops.empty(codes.length, gpt.width());
    ops.uploadInto(hidden, y.rows(0, 1));
    if (codes.length > 1) {
      gpt.finish(ops, states.rows(0, codes.length - 1), y.rows(1, codes.length));
    }
    return y;
  }

  private void resume(int[] codes, Tensor y) {
    try (var _ = ops.scope()) {
      Tensor x = gpt.trainingCodes(ops, withoutLast(codes));
      x = x.rows(1, x.rows());
      LayerCache cache = LayerCache.over(ops, pool, prompt() + x.rows(), Optional.of(prompt.places(ops, pool)));
      gpt.forward(ops, x, cache, prompt(), 0);
      gpt.finish(ops, x, y);
    }
  }

  private void fromStart(int[] codes, Tensor y) {
    try (var _ = ops.scope()) {
      Tensor latents = ops.upload(speaker, speaker.length / gpt.width(), gpt.width());
      Tensor rows = gpt.trainingPrefix(ops, latents, ops.upload(emotion, 1, gpt.width()), ids).rows();
      int total = rows.rows() + codes.length;
      Tensor x = ops.empty(total, gpt.width());
      ops.copyInto(rows, x.rows(0, rows.rows()));
      ops.copyInto(gpt.trainingCodes(ops, withoutLast(codes)), x.rows(rows.rows(), total));
      gpt.forward(ops, x, LayerCache.scratch(ops, total, gpt.width(), gpt.cache(ops)), 0, 0);
      gpt.finish(ops, x.rows(rows.rows(), total), y);
    }
  }

  /** The last code predicts nothing, and nothing before it can see it. */
  private static int[] withoutLast(int[] codes) {
    return Arrays.copyOf(codes, codes.length - 1);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      pool.release(prompt.chain());
      if (ownsPool) {
        pool.close();
      }
    }
  }
}
