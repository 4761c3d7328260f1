package dev.syrinx.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Readings for terms, applied before numbers are read: the longest term first, in any case. A reading is one text or one per language
 * code; a language without a reading falls back to the term as the glossary spells it.
 */
public final class Glossary {
  /** The file that a model folder may hold. */
  public static final String FILE = "glossary.yaml";

  // Readings such as "yes" and "off" are words here.
  private static final YAMLMapper YAML = YAMLMapper.builder(
      YAMLFactory.builder().enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS).build()).build();
  private static final Glossary EMPTY = new Glossary(List.of());

  private final List<Entry> entries;

  private Glossary(List<Entry> entries) {
    this.entries = entries;
  }

  private record Entry(Pattern pattern, String term, Map<String, String> readings, String anyLanguage) {
    String reading(Language language) {
      return anyLanguage.isEmpty() ? readings.getOrDefault(language.code(), term) : anyLanguage;
    }
  }

  /** No terms. */
  public static Glossary empty() {
    return EMPTY;
  }

  /** The glossary of a model folder; the empty one if the folder holds none. */
  public static Glossary ofFolder(Path folder) {
    Path file = folder.resolve(FILE);
    return Files.exists(file) ? read(file) : EMPTY;
  }

  /**
   * Reads a YAML file: {@code term: reading} or {@code term: {zh: reading, en: reading}}.
   *
   * @throws TextModelException if the file cannot be read or has another form
   */
  public static Glossary read(Path file) {
    try {
      return parse(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new TextModelException(file.toString(), "cannot be read as UTF-8 text (" + e.getMessage() + ")", "Repair or remove it", e);
    }
  }

  /** Reads YAML (or JSON) text; {@code name} is what error messages call it. */
  public static Glossary parse(String yaml, String name) {
    JsonNode root;
    try {
      root = YAML.readTree(yaml);
    } catch (JsonProcessingException e) {
      throw new TextModelException(name, "is not YAML: " + e.getOriginalMessage(), "Repair or remove it", e);
    }
    if (root == null || root.isMissingNode() || root.isNull()) {
      return EMPTY;
    }
    if (!root.isObject()) {
      throw new TextModelException(name, "holds no table of terms", "Write one 'term: reading' a line");
    }
    List<Entry> entries = new ArrayList<>();
    root.properties().forEach(field -> entries.add(entry(field.getKey(), field.getValue(), name)));
    entries.sort(Comparator.comparingInt((Entry entry) -> entry.term().codePointCount(0, entry.term().length())).reversed());
    return new Glossary(List.copyOf(entries));
  }

  /** How many terms. */
  public int size() {
    return entries.size();
  }

  /** Replaces the terms by their readings. */
  public String apply(String text, Language language) {
    String result = text;
    for (Entry entry : entries) {
      result = entry.pattern().matcher(result).replaceAll(match -> Matcher.quoteReplacement(
          ReadingTemplate.expand(entry.reading(language), match.group())));
    }
    return result;
  }

  private static Entry entry(String term, JsonNode value, String name) {
    if (term.isEmpty()) {
      throw new TextModelException(name, "has an empty term", "Remove it: it would match everywhere");
    }
    Map<String, String> readings = new java.util.HashMap<>();
    if (value.isObject()) {
      value.properties().forEach(field -> readings.put(field.getKey(), text(term, field.getValue(), name)));
    }
    String any = value.isObject() ? "" : text(term, value, name);
    Pattern pattern = Pattern.compile(Pattern.quote(term), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    return new Entry(pattern, term, Map.copyOf(readings), any);
  }

  private static String text(String term, JsonNode value, String name) {
    if (!value.isValueNode() || value.isNull() || value.asText().isEmpty()) {
      throw new TextModelException(name, "the term '" + term + "' has no reading", "Write text, or a text for zh and one for en");
    }
    ReadingTemplate.check(value.asText(), term, name);
    return value.asText();
  }
}
