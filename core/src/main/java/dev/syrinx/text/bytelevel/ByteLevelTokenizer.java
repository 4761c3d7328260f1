package dev.syrinx.text.bytelevel;

import dev.syrinx.text.TextModelException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/** Qwen's kind of tokenizer: any text has ids, ids of any kind have text. Immutable and safe for any number of threads. */
public final class ByteLevelTokenizer {
  private static final long MAX_FILE = 256L << 20;

  private final Map<String, Integer> vocabulary;
  private final Map<Integer, String> tokens = new HashMap<>();
  private final Map<String, Integer> added;
  private final Map<Character, List<String>> addedByFirst = new HashMap<>();
  private final Set<Integer> special;
  private final Merges merges;
  private final PreTokenizer preTokenizer;
  private final boolean nfc;
  private final boolean wholeWordsFirst;

  ByteLevelTokenizer(Map<String, Integer> vocabulary, Map<String, Integer> added, Map<Integer, String> special, Merges merges,
      PreTokenizer preTokenizer, boolean nfc, boolean wholeWordsFirst) {
    this.vocabulary = Map.copyOf(vocabulary);
    this.added = Map.copyOf(added);
    this.special = Set.copyOf(special.keySet());
    this.merges = merges;
    this.preTokenizer = preTokenizer;
    this.nfc = nfc;
    this.wholeWordsFirst = wholeWordsFirst;
    vocabulary.forEach((token, id) -> tokens.put(id, token));
    added.forEach((token, id) -> tokens.put(id, token));
    for (String token : added.keySet()) {
      addedByFirst.merge(token.charAt(0), List.of(token), ByteLevelTokenizer::longestFirst);
    }
  }

  /**
   * Reads a {@code tokenizer.json}.
   *
   * @throws TextModelException if it cannot be read, is damaged, or asks for anything this tokenizer does not know
   */
  public static ByteLevelTokenizer read(Path file) {
    try {
      if (Files.size(file) > MAX_FILE) {
        throw new TextModelException(file.toString(), "it has " + Files.size(file) + " bytes, more than any tokenizer", "Fetch it again");
      }
      return parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8), file.toString());
    } catch (IOException e) {
      throw new TextModelException(file.toString(), "it cannot be read (" + e + ")", "Check the model folder", e);
    }
  }

  /** Takes the text of a {@code tokenizer.json}; {@code name} is what error messages call it. */
  public static ByteLevelTokenizer parse(String json, String name) {
    return TokenizerFile.parse(json, name);
  }

  /** The ids of a text; special tokens in it are recognised by their spelling, none are added. */
  public int[] encode(String text) {
    IntStream.Builder ids = IntStream.builder();
    int start = 0;
    int i = 0;
    while (i < text.length()) {
      String token = addedAt(text, i);
      if (token.isEmpty()) {
        i++;
        continue;
      }
      encodePlain(text.substring(start, i), ids);
      ids.add(added.get(token));
      i += token.length();
      start = i;
    }
    encodePlain(text.substring(start), ids);
    return ids.build().toArray();
  }

  /**
   * The text of ids; bytes that are no UTF-8 become U+FFFD. Special tokens and ids outside the vocabulary have no text.
   */
  public String decode(int[] ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      String token = tokens.get(id);
      if (token != null && !special.contains(id)) {
        bytes.writeBytes(ByteAlphabet.read(token));
      }
    }
    return LossyUtf8.decode(bytes.toByteArray());
  }

  /** The id of a token as the vocabulary spells it, special tokens included. */
  public OptionalInt id(String token) {
    Integer id = added.containsKey(token) ? added.get(token) : vocabulary.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  private void encodePlain(String text, IntStream.Builder ids) {
    String normalized = nfc ? Normalizer.normalize(text, Normalizer.Form.NFC) : text;
    for (String word : preTokenizer.words(normalized)) {
      String written = ByteAlphabet.write(word);
      Integer whole = wholeWordsFirst ? vocabulary.get(written) : null;
      if (whole != null) {
        ids.add(whole);
        continue;
      }
      int[] parts = written.chars().map(c -> vocabulary.get(String.valueOf((char) c))).toArray();
      Arrays.stream(parts, 0, merges.apply(parts)).forEach(ids::add);
    }
  }

  private String addedAt(String text, int at) {
    List<String> candidates = addedByFirst.getOrDefault(text.charAt(at), List.of());
    return candidates.stream().filter(token -> text.startsWith(token, at)).findFirst().orElse("");
  }

  private static List<String> longestFirst(List<String> some, List<String> more) {
    return java.util.stream.Stream.concat(some.stream(), more.stream())
        .sorted(Comparator.comparingInt(String::length).reversed()).toList();
  }
}
