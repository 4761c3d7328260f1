package dev.syrinx.text;

import java.util.List;

/**
 * A text on its way to the model, with every step on view.
 *
 * @param text the text as written
 * @param language the branch of normalisation it took
 * @param normalized after {@link TextNormalizer#normalize}; a text of a single character skips that and stands here as it is
 * @param preTokenized what the tokenizer saw
 * @param pieces the pieces of the whole text
 * @param ids their ids
 * @param segments the pieces cut into segments
 * @param warnings what the user should know, one sentence each: pieces that the vocabulary lacks
 */
public record PreparedText(
    String text,
    Language language,
    String normalized,
    String preTokenized,
    List<String> pieces,
    List<Integer> ids,
    List<Segment> segments,
    List<String> warnings) {
  public PreparedText {
    pieces = List.copyOf(pieces);
    ids = List.copyOf(ids);
    segments = List.copyOf(segments);
    warnings = List.copyOf(warnings);
  }
}
