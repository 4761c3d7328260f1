package dev.syrinx.text.numbers;

import dev.syrinx.text.Language;

/** The reader for speech: English and Chinese rules. */
final class SpokenNumbers implements NumberReader {
  static final SpokenNumbers INSTANCE = new SpokenNumbers();

  private SpokenNumbers() {}

  @Override
  public String read(String text, Language language) {
    return switch (language) {
      case ENGLISH -> EnglishReader.read(text);
      case CHINESE -> ChineseReader.read(text);
    };
  }
}
