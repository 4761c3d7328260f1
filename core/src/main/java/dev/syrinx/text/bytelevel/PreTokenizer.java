package dev.syrinx.text.bytelevel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts text into words before merging. The expressions of tokenizer files are looked up and not compiled: one from a hostile file could
 * run for ever. Each known one covers every character and takes time linear in the text.
 */
record PreTokenizer(Pattern pattern) {
  private static final String LETTERS =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}%s| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  private static final Map<String, PreTokenizer> KNOWN = Map.of(
      String.format(LETTERS, ""), compile(String.format(LETTERS, "")), // Qwen 2 and 3: one digit at a time
      String.format(LETTERS, "{1,3}"), compile(String.format(LETTERS, "{1,3}")), // Llama 3
      GPT2, compile(GPT2));

  static Optional<PreTokenizer> known(String expression) {
    return Optional.ofNullable(KNOWN.get(expression));
  }

  static PreTokenizer gpt2() {
    return KNOWN.get(GPT2);
  }

  List<String> words(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }

  private static PreTokenizer compile(String expression) {
    return new PreTokenizer(Pattern.compile(expression, Pattern.UNICODE_CHARACTER_CLASS));
  }
}
