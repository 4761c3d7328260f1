package dev.syrinx.bench;

import dev.syrinx.text.Glossary;
import dev.syrinx.text.TextFrontEnd;
import dev.syrinx.text.TextNormalizer;
import dev.syrinx.text.numbers.NumberReader;

/** A front end for requests that bring token ids: it refuses text. */
public final class SpeechlessFrontEnd {
  private SpeechlessFrontEnd() {}

  /** A new one. */
  public static TextFrontEnd of() {
    return new TextFrontEnd(new TextNormalizer(NumberReader.identity(), Glossary.empty()), new NoTokenizer());
  }
}
