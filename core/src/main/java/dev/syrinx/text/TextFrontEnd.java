package dev.syrinx.text;

import dev.syrinx.text.numbers.NumberReader;
import dev.syrinx.text.sentencepiece.SentencePieceTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Text in, segments of token ids out: normalise, pre-tokenize, tokenize the whole, cut, look up ids. Time grows about linearly with the
 * length of the text. Immutable and safe for any number of threads.
 */
public final class TextFrontEnd {
  /** What SentencePiece has for a space. */
  private static final String SPACE = "▁";

  private static final int NAMED_UNKNOWNS = 12;

  private final TextNormalizer normalizer;
  private final Tokenizer tokenizer;

  public TextFrontEnd(TextNormalizer normalizer, Tokenizer tokenizer) {
    this.normalizer = Objects.requireNonNull(normalizer);
    this.tokenizer = Objects.requireNonNull(tokenizer);
  }

  /**
   * The front end of a model folder: its SentencePiece model and, if it has one, its glossary.
   *
   * @param folder the model folder
   * @param bpeModel the name of the SentencePiece file in it, as {@code dataset.bpe_model} of its configuration says
   * @param numbers {@link NumberReader#spoken()}, or {@link NumberReader#identity()} to replay golden data
   * @throws TextModelException if a file is missing or damaged
   */
  public static TextFrontEnd read(Path folder, String bpeModel, NumberReader numbers) {
    Tokenizer tokenizer = SentencePieceTokenizer.read(folder.resolve(bpeModel));
    return new TextFrontEnd(new TextNormalizer(numbers, Glossary.ofFolder(folder)), tokenizer);
  }

  /** The tokenizer, for its size and its unknown id. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /**
   * Prepares a text for speaking.
   *
   * @throws TextException if the text is empty or holds nothing that the vocabulary can speak
   */
  public PreparedText prepare(String text, SegmentSplitter splitter) {
    PreparedText prepared = replay(text, splitter);
    requireSpeakable(prepared);
    return prepared;
  }

  /** The same without refusing any text: every step as the reference does it. For comparisons with golden data. */
  public PreparedText replay(String text, SegmentSplitter splitter) {
    String clean = wellFormed(text);
    String normalized = "";
    String preTokenized = "";
    if (isSingleCharacter(clean)) {
      normalized = clean;
      preTokenized = clean;
    } else if (!clean.isEmpty()) {
      normalized = normalizer.normalize(clean);
      preTokenized = CjkText.preTokenize(normalized);
    }
    List<String> pieces = tokenizer.pieces(preTokenized);
    List<Segment> segments = splitter.split(pieces).stream().map(part -> new Segment(part, ids(part))).toList();
    Language language = TextNormalizer.language(clean);
    return new PreparedText(text, language, normalized, preTokenized, pieces, ids(pieces), segments, warnings(pieces));
  }

  private List<Integer> ids(List<String> pieces) {
    return pieces.stream().map(tokenizer::id).toList();
  }

  /** A half of a surrogate pair cannot be written as UTF-8; it becomes the replacement character, which is unknown to any vocabulary. */
  private static String wellFormed(String text) {
    boolean broken = text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    if (!broken) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().forEach(c -> out.appendCodePoint(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c));
    return out.toString();
  }

  private static boolean isSingleCharacter(String text) {
    String stripped = Whitespace.strip(text);
    return stripped.codePointCount(0, stripped.length()) == 1;
  }

  private List<String> warnings(List<String> pieces) {
    Set<String> unknown = new LinkedHashSet<>();
    int count = 0;
    for (String piece : pieces) {
      if (tokenizer.id(piece) == tokenizer.unknownId()) {
        unknown.add(piece);
        count++;
      }
    }
    if (count == 0) {
      return List.of();
    }
    List<String> named = new ArrayList<>(unknown).subList(0, Math.min(NAMED_UNKNOWNS, unknown.size()));
    String more = unknown.size() > named.size() ? " and " + (unknown.size() - named.size()) + " more" : "";
    return List.of(count + " of " + pieces.size() + " tokens are not in the vocabulary and may be spoken wrongly: "
        + String.join(" ", named) + more + "; spell them out, or add readings to " + Glossary.FILE);
  }

  private void requireSpeakable(PreparedText prepared) {
    if (Whitespace.strip(prepared.text()).isEmpty()) {
      throw new TextException("the text is empty; give at least one word to speak");
    }
    boolean known = false;
    for (String piece : prepared.pieces()) {
      boolean inVocabulary = tokenizer.id(piece) != tokenizer.unknownId();
      known |= inVocabulary && !piece.equals(SPACE);
      if (inVocabulary && piece.codePoints().anyMatch(TextFrontEnd::isSpoken)) {
        return;
      }
    }
    String shown = prepared.text().codePointCount(0, prepared.text().length()) <= 40 ? "'" + prepared.text().strip() + "'" : "the text";
    throw new TextException(shown + (known ? " holds punctuation only" : " holds nothing that the vocabulary of the model knows")
        + "; give at least one word to speak");
  }

  private static boolean isSpoken(int c) {
    return c != SPACE.charAt(0) && (Character.isLetterOrDigit(c) || switch (Character.getType(c)) {
      case Character.MATH_SYMBOL, Character.CURRENCY_SYMBOL, Character.OTHER_SYMBOL -> true;
      case Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      default -> c == '%' || c == '&' || c == '@' || c == '#';
    });
  }
}
