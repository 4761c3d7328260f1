package dev.syrinx.model.gpt;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Ops;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import java.util.Arrays;

/**
 * One text on its way to codes: the prefix has been read, its keys and values are cached, the logits of the first code are known.
 *
 * <p>All memory is temporary and ends with {@link #close}; the prompts' tensors must live as long. Slots 0 to {@link #prompt()} − 1 of the
 * cache are the prefix and the start id; the rest belongs to whoever generates.
 */
public final class GptSession implements AutoCloseable {
  private final Ops ops;
  private final Gpt gpt;
  private final Tensor speaker;
  private final Tensor emotion;
  private final int[] ids;
  private final Backend.Scope scope;
  private final int prompt;
  private final Tensor hidden;
  private final Tensor logits;
  private KvCache cache;

  /**
   * Reads the prefix.
   *
   * @param speaker latents {@code [n, d]}
   * @param emotion {@code [1, d]}
   * @param ids of the text
   * @param room slots wanted for codes at first; {@link #grow} makes more
   */
  public GptSession(Ops ops, Gpt gpt, Tensor speaker, Tensor emotion, int[] ids, int room) {
    this.ops = ops;
    this.gpt = gpt;
    this.speaker = speaker;
    this.emotion = emotion;
    this.ids = ids.clone();
    scope = ops.scope();
    hidden = ops.empty(1, gpt.width());
    logits = ops.empty(1, gpt.vocabulary());
    Prefix prefix = gpt.prefix(ops, speaker, emotion, ids);
    ops.tap("gpt.prefix", prefix.rows());
    prompt = prefix.visible().rows() + 1;
    cache = KvCache.allocate(ops, gpt.layers(), prompt + room, gpt.width());
    try (var _ = ops.scope()) {
      Tensor x = ops.empty(prompt, gpt.width());
      ops.copyInto(prefix.visible(), x.rows(0, prompt - 1));
      ops.copyInto(gpt.trainingCodes(ops, new int[0]), x.rows(prompt - 1, prompt)); // the start id has position 0 in both schemes
      gpt.forward(ops, x, cache, 0);
      gpt.finish(ops, x.rows(prompt - 1, prompt), hidden);
      gpt.logits(ops, hidden, logits);
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
    return prompt;
  }

  /** Logits of the first code {@code [1, vocabulary]}. */
  public Tensor logits() {
    return logits;
  }

  public KvCache cache() {
    return cache;
  }

  /** Makes room for at least {@code slots} in all, keeping what is cached. Recordings of the old cache are void. */
  public void grow(int slots) {
    if (slots > cache.slots()) {
      cache = cache.grown(ops, slots);
    }
  }

  /**
   * The second pass: for each code the state from which training would have predicted it. {@code [codes, d]}, a temporary of this session.
   *
   * <p>The prefix's keys and values are used again, unless the text holds ids that generation drops. Overwrites the slots of generation,
   * which must be over.
   */
  public Tensor latents(int[] codes) {
    if (codes.length == 0) {
      throw new ShapeException("latents of no codes: the generation ended at once; there is nothing to synthesise");
    }
    Tensor y = ops.empty(codes.length, gpt.width());
    if (gpt.drops(ids)) {
      fromStart(codes, y);
    } else {
      ops.copyInto(hidden, y.rows(0, 1));
      if (codes.length > 1) {
        grow(prompt + codes.length - 1);
        resume(codes, y.rows(1, codes.length));
      }
    }
    ops.tap("gpt.latent", y);
    return y;
  }

  private void resume(int[] codes, Tensor y) {
    try (var _ = ops.scope()) {
      Tensor x = gpt.trainingCodes(ops, withoutLast(codes));
      x = x.rows(1, x.rows());
      gpt.forward(ops, x, cache, prompt);
      gpt.finish(ops, x, y);
    }
  }

  private void fromStart(int[] codes, Tensor y) {
    try (var _ = ops.scope()) {
      Tensor rows = gpt.trainingPrefix(ops, speaker, emotion, ids).rows();
      int total = rows.rows() + codes.length;
      Tensor x = ops.empty(total, gpt.width());
      ops.copyInto(rows, x.rows(0, rows.rows()));
      ops.copyInto(gpt.trainingCodes(ops, withoutLast(codes)), x.rows(rows.rows(), total));
      gpt.forward(ops, x, KvCache.scratch(ops, gpt.layers(), total, gpt.width()), 0);
      gpt.finish(ops, x.rows(rows.rows(), total), y);
    }
  }

  /** The last code predicts nothing, and nothing before it can see it. */
  private static int[] withoutLast(int[] codes) {
    return Arrays.copyOf(codes, codes.length - 1);
  }

  @Override
  public void close() {
    scope.close();
  }
}
