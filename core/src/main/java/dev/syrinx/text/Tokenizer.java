package dev.syrinx.text;

import java.util.List;

/**
 * Cuts pre-tokenized text into pieces of a vocabulary. Implementations are immutable and safe for any number of threads.
 *
 * <p>Pieces and ids are two steps on purpose: segments are cut between pieces, and a piece that the vocabulary lacks gets
 * {@link #unknownId()}.
 */
public interface Tokenizer {
  /** The pieces of a text, taken as it is: no upper-casing, no text normalisation other than the model's own. */
  List<String> pieces(String text);

  /** The id of a piece; {@link #unknownId()} for one that the vocabulary lacks. */
  int id(String piece);

  /** The id that stands for everything unknown. */
  int unknownId();

  /** The number of pieces; ids are below it. */
  int size();
}
