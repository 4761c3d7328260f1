package dev.syrinx.text.sentencepiece;

import java.util.List;

/**
 * The contents of a model file, checked.
 *
 * @param file what messages call the file
 * @param pieces in order of their ids
 * @param bpe true for byte-pair merges, false for a unigram language model
 * @param byteFallback unknown characters are spelled in bytes
 * @param spaceAsSuffix the space mark stands behind a word and not before it
 * @param charsmap the character conversion, possibly empty
 * @param addDummyPrefix a space is put before the text
 * @param removeExtraSpaces runs of spaces become one
 * @param escapeSpaces spaces are written as U+2581
 */
record SentencePieceModel(
    String file,
    List<Piece> pieces,
    boolean bpe,
    boolean byteFallback,
    boolean spaceAsSuffix,
    Charsmap charsmap,
    boolean addDummyPrefix,
    boolean removeExtraSpaces,
    boolean escapeSpaces) {
  static final char SPACE_MARK = '\u2581';

  SentencePieceModel {
    pieces = List.copyOf(pieces);
  }

  /** One entry of the vocabulary. */
  record Piece(String text, float score, PieceType type) {}
}
