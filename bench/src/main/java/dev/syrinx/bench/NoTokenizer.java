package dev.syrinx.bench;

import dev.syrinx.text.Tokenizer;
import java.util.List;

/** For models that come without a tokenizer: their requests are token ids. */
final class NoTokenizer implements Tokenizer {
  @Override
  public List<String> pieces(String text) {
    throw new UnsupportedOperationException("a random model has no tokenizer: give token ids");
  }

  @Override
  public int id(String piece) {
    return 0;
  }

  @Override
  public int unknownId() {
    return 0;
  }

  @Override
  public int size() {
    return 0;
  }
}
