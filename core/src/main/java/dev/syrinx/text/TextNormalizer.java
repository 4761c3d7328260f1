package dev.syrinx.text;

import dev.syrinx.text.numbers.NumberReader;
import java.util.Objects;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a text to the form that the tokenizer was trained on: contractions, glossary, numbers in words, a handful of punctuation marks.
 * One decision for Chinese or English is made for the whole text. Immutable and safe for any number of threads.
 */
public final class TextNormalizer {
  private static final Logger LOG = LoggerFactory.getLogger(TextNormalizer.class);
  private static final int ANY_CASE = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
  // UNIX_LINES: the end may stand before a final newline, and before no other line terminator.
  private static final Pattern EMAIL = Pattern.compile("^[a-zA-Z0-9]++@[a-zA-Z0-9]++\\.[a-zA-Z]++$", Pattern.UNIX_LINES);
  // No word boundary and only the ASCII apostrophe, as in the reference: "rabbit's" is read "rabbit is".
  private static final Pattern CONTRACTION = Pattern.compile("(what|where|who|which|how|t?here|it|s?he|that|this)'s", ANY_CASE);

  private final NumberReader numbers;
  private final Glossary glossary;

  public TextNormalizer(NumberReader numbers, Glossary glossary) {
    this.numbers = Objects.requireNonNull(numbers);
    this.glossary = Objects.requireNonNull(glossary);
  }

  /**
   * The branch a text takes. Chinese if it holds a Chinese character, no ASCII letter at all, is one e-mail address, or holds anything
   * that looks like a pinyin syllable with a tone: "A1" is enough.
   */
  public static Language language(String text) {
    return branch(Annotations.protect(text).text());
  }

  /** The normalised text. Never fails because of the number reader: what it leaves behind on an error is documented there. */
  public String normalize(String text) {
    Annotations annotations = Annotations.protect(text);
    String prepared = CONTRACTION.matcher(annotations.text()).replaceAll("$1 is");
    Language language = branch(annotations.text());
    prepared = glossary.apply(prepared, language);
    String read = language == Language.CHINESE ? chinese(prepared) : english(prepared);
    return annotations.restore(read);
  }

  private static Language branch(String text) {
    boolean chinese = text.chars().anyMatch(c -> c >= 0x4e00 && c <= 0x9fff)
        || text.chars().noneMatch(c -> (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        || EMAIL.matcher(text).find()
        || Pinyin.in(text);
    return chinese ? Language.CHINESE : Language.ENGLISH;
  }

  private String chinese(String text) {
    TechTerms terms = TechTerms.protect(Whitespace.stripTrailing(text));
    Placeholders syllables = new Placeholders("pinyin");
    Placeholders names = new Placeholders("n");
    String guarded = Names.protect(Pinyin.protect(terms.text(), syllables), names);
    String read;
    try {
      read = numbers.read(guarded, Language.CHINESE);
    } catch (RuntimeException e) {
      // The reference yields an empty text here; the caller then reports that there is nothing to speak.
      LOG.warn("the number reader failed on a Chinese text of {} characters; nothing is left of it", text.length(), e);
      return "";
    }
    String restored = terms.restore(syllables.restore(names.restore(read, item -> item), Pinyin::correct));
    return CharacterMap.apply(restored, Language.CHINESE);
  }

  private String english(String text) {
    TechTerms terms = TechTerms.protect(text);
    String read;
    try {
      read = terms.restore(numbers.read(terms.text(), Language.ENGLISH));
    } catch (RuntimeException e) {
      LOG.warn("the number reader failed on an English text of {} characters; its numbers stay as written", text.length(), e);
      read = text;
    }
    return CharacterMap.apply(read, Language.ENGLISH);
  }
}
