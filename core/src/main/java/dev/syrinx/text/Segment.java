package dev.syrinx.text;

import java.util.List;

/**
 * A stretch of text that is synthesised in one go.
 *
 * @param pieces the pieces, as the tokenizer spells them
 * @param ids one id for each piece; start and stop tokens of the model are not among them
 */
public record Segment(List<String> pieces, List<Integer> ids) {
  public Segment {
    pieces = List.copyOf(pieces);
    ids = List.copyOf(ids);
  }

  /** The ids as an array, for embedding. */
  public int[] idArray() {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }
}
