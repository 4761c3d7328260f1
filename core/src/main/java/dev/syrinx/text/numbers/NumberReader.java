package dev.syrinx.text.numbers;

import dev.syrinx.text.Language;

/**
 * Turns numbers, dates, units and the like into words. The seam where another verbaliser fits in; implementations are immutable and safe
 * for any number of threads.
 *
 * <p>Placeholders such as {@code <pinyin_a>}, {@code <n_a>}, {@code <H>} and {@code PRONPLACEHOLDERaPRONPLACEHOLDER} may stand in the
 * text and must come out as they are; whitespace around {@code <H>} is forgiven.
 */
@FunctionalInterface
public interface NumberReader {
  /** The text with everything read out. Any exception makes the normaliser fall back to the text without numbers read. */
  String read(String text, Language language);

  /** Changes nothing: what golden data were made with. */
  static NumberReader identity() {
    return (text, language) -> text;
  }

  /** Reads English and Chinese for speech. */
  static NumberReader spoken() {
    return SpokenNumbers.INSTANCE;
  }
}
