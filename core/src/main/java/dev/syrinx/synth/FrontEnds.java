package dev.syrinx.synth;

import dev.syrinx.text.Glossary;
import dev.syrinx.text.TextFrontEnd;
import dev.syrinx.text.TextNormalizer;
import dev.syrinx.text.numbers.NumberReader;
import dev.syrinx.text.sentencepiece.SentencePieceTokenizer;
import dev.syrinx.weights.ModelFile;
import dev.syrinx.weights.ModelFiles;

/** The text front end of a model folder. */
public final class FrontEnds {
  private FrontEnds() {}

  /** With numbers read out. */
  public static TextFrontEnd of(ModelFiles files) {
    return of(files, NumberReader.spoken());
  }

  /** With another reader of numbers. */
  public static TextFrontEnd of(ModelFiles files, NumberReader numbers) {
    return new TextFrontEnd(
        new TextNormalizer(numbers, Glossary.ofFolder(files.folder())), SentencePieceTokenizer.read(files.path(ModelFile.TOKENIZER)));
  }
}
