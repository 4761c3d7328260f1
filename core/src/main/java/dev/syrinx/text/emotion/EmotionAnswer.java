package dev.syrinx.text.emotion;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.syrinx.text.TextException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the answer of the emotion model: JSON with Chinese keys if all is well, and whatever can be made of it otherwise. */
public final class EmotionAnswer {
  private static final double HIGHEST = 1.2;
  private static final List<String> LABEL_FIELDS = List.of("emotion", "emotion_label", "label", "情感", "情绪");
  private static final List<String> GLOOMY =
      List.of("低落", "melancholy", "melancholic", "depression", "depressed", "gloomy");
  private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d++\\.?+\\d*+|\\.\\d++)([eE][+-]?\\d{1,4}+)?+");
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
      .build();

  private EmotionAnswer() {}

  /**
   * The emotion of a text.
   *
   * @param answer what the model wrote, without its thoughts and special tokens
   * @param text the text it was asked about: words of melancholy in it exchange the scores of sad and melancholic, which the model confuses
   * @return weights from 0 to 1.2; calm 1 if the answer names no emotion
   * @throws TextException if the answer gives an emotion something that is no number
   */
  public static EmotionVector parse(String answer, String text) {
    Map<EmotionLabel, JsonNode> values = values(content(answer));
    Map<EmotionLabel, Double> scores = new EnumMap<>(EmotionLabel.class);
    values.forEach((label, value) -> scores.put(label, score(label, value)));
    String lower = text.toLowerCase(Locale.ROOT);
    if (GLOOMY.stream().anyMatch(lower::contains)) {
      double sad = scores.getOrDefault(EmotionLabel.SAD, 0.0);
      scores.put(EmotionLabel.SAD, scores.getOrDefault(EmotionLabel.MELANCHOLIC, 0.0));
      scores.put(EmotionLabel.MELANCHOLIC, sad);
    }
    if (scores.values().stream().noneMatch(score -> score > 0)) {
      scores.put(EmotionLabel.CALM, 1.0);
    }
    return new EmotionVector(List.of(EmotionLabel.values()).stream().map(label -> scores.getOrDefault(label, 0.0)).toList());
  }

  private static JsonNode content(String answer) {
    try {
      return JSON.readTree(answer);
    } catch (JsonProcessingException e) {
      ObjectNode pairs = JsonNodeFactory.instance.objectNode();
      EmotionPairs.find(answer).forEach(pairs::put);
      return pairs;
    }
  }

  /** A lone label counts as 1; text under a key names the emotion that was meant. */
  private static Map<EmotionLabel, JsonNode> values(JsonNode content) {
    Map<EmotionLabel, JsonNode> values = new EnumMap<>(EmotionLabel.class);
    for (EmotionLabel label : EmotionLabel.values()) {
      if (content.has(label.key())) {
        values.put(label, content.get(label.key()));
      }
    }
    JsonNode one = JsonNodeFactory.instance.numberNode(1.0);
    if (values.isEmpty()) {
      loneLabel(content).ifPresent(label -> values.put(label, one));
    }
    for (EmotionLabel label : EmotionLabel.values()) {
      JsonNode value = values.get(label);
      Optional<EmotionLabel> named = value != null && value.isTextual() ? EmotionLabel.of(value.asText()) : Optional.empty();
      if (named.isPresent()) {
        values.put(label, JsonNodeFactory.instance.numberNode(0.0));
        values.put(named.get(), one);
      }
    }
    return values;
  }

  private static Optional<EmotionLabel> loneLabel(JsonNode content) {
    if (content.isTextual()) {
      return EmotionLabel.of(content.asText());
    }
    return LABEL_FIELDS.stream()
        .filter(field -> content.path(field).isTextual())
        .flatMap(field -> EmotionLabel.of(content.get(field).asText()).stream())
        .findFirst();
  }

  private static double score(EmotionLabel label, JsonNode value) {
    double score = Double.NaN;
    if (value.isNumber()) {
      score = value.asDouble();
    } else if (value.isBoolean()) {
      score = value.asBoolean() ? 1 : 0;
    } else if (value.isTextual() && NUMBER.matcher(value.asText().strip()).matches()) {
      score = Double.parseDouble(value.asText().strip());
    }
    if (Double.isNaN(score)) {
      throw new TextException("the emotion model answered " + value + " for '" + label.key() + "' (" + label.english()
          + "), which is no number; give the emotion as a vector instead");
    }
    return Math.clamp(score, 0.0, HIGHEST);
  }
}
