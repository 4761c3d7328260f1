package dev.syrinx.backend;

import dev.syrinx.tensor.Tensor;
import java.util.Optional;

/**
 * What kind of attention.
 *
 * @param heads query heads
 * @param kvHeads key and value heads; divides heads
 * @param scale factor of the scores, the relative term included
 * @param causal query i sees keys up to i + past
 * @param past keys before the first query
 * @param firstKey keys below are masked
 * @param lastKey keys from here on are masked; −1 for none
 * @param relative w2v-BERT's position term: {@code [tq, heads·span]}, of which query i and key j take column
 * {@code clamp(j − i, −left, span − 1 − left) + left}
 * @param left keys to the left with a position of their own
 * @param batch sequences of the same length whose rows lie one below the other
 */
public record AttentionShape(
    int heads, int kvHeads, float scale, boolean causal, int past, int firstKey, int lastKey, Optional<Tensor> relative, int left, int batch) {
  /** Every query sees every key. */
  public static AttentionShape full(int heads, float scale) {
    return new AttentionShape(heads, heads, scale, false, 0, 0, -1, Optional.empty(), 0, 1);
  }

  /** Query i sees keys up to i + past. */
  public static AttentionShape causal(int heads, int kvHeads, float scale, int past) {
    return new AttentionShape(heads, kvHeads, scale, true, past, 0, -1, Optional.empty(), 0, 1);
  }

  /** The same with keys outside [first, last) masked. */
  public AttentionShape keys(int first, int last) {
    return new AttentionShape(heads, kvHeads, scale, causal, past, first, last, relative, left, batch);
  }

  /** The same with a relative position term. */
  public AttentionShape withRelative(Tensor term, int leftSpan) {
    return new AttentionShape(heads, kvHeads, scale, causal, past, firstKey, lastKey, Optional.of(term), leftSpan, batch);
  }

  /** The same for several sequences. */
  public AttentionShape sequences(int count) {
    return new AttentionShape(heads, kvHeads, scale, causal, past, firstKey, lastKey, relative, left, count);
  }
}
