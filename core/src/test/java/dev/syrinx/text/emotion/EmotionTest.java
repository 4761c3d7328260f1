package dev.syrinx.text.emotion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.syrinx.text.CpuTime;
import dev.syrinx.text.Golden;
import dev.syrinx.text.TextException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Prompts, answers and vectors against the golden data. */
class EmotionTest {
  private static final JsonNode GOLDEN = Golden.json("qwen.json");
  private static final EmotionPrompt PROMPT = EmotionPrompt.read(Golden.folder().resolve("qwen0.6bemo4-merge"));

  static Stream<JsonNode> texts() {
    return Golden.list(GOLDEN.get("texts")).stream();
  }

  static Stream<JsonNode> answers() {
    return Golden.list(GOLDEN.get("parse")).stream();
  }

  static Stream<JsonNode> vectors() {
    return Golden.list(Golden.json("manifest.json").at("/stages/emo_vector/params/vectors")).stream();
  }

  static Stream<JsonNode> balanced() {
    return Golden.list(Golden.json("manifest.json").at("/stages/emo_vector/params/normalize_emo_vec")).stream();
  }

  private static EmotionVector vector(JsonNode eight) {
    return EmotionVector.of(Golden.list(eight).stream().mapToDouble(JsonNode::asDouble).toArray());
  }

  private static void assertScores(JsonNode expected, EmotionVector actual) {
    assertEquals(8, expected.size());
    for (EmotionLabel label : EmotionLabel.values()) {
      assertEquals(expected.get(label.english()).asDouble(), actual.weight(label), 0, label::english);
    }
  }

  @Test
  void goldenDataHaveTheRowsThisTestIsAbout() {
    assertTrue(texts().count() >= 5 && answers().count() >= 16 && vectors().count() >= 4 && balanced().count() >= 8);
  }

  @ParameterizedTest
  @MethodSource("texts")
  void promptsAndTheirIds(JsonNode row) {
    String text = row.get("text").asText();
    assertEquals(row.get("prompt").asText(), PROMPT.render(text));
    assertArrayEquals(Golden.integers(row.get("prompt_ids")).stream().mapToInt(Integer::intValue).toArray(), PROMPT.ids(text));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void answersOfTheNetwork(JsonNode row) {
    int[] generated = Golden.integers(row.get("output_ids")).stream().mapToInt(Integer::intValue).toArray();
    assertEquals(row.get("decoded").asText(), PROMPT.decode(generated));
    assertScores(row.get("result"), PROMPT.emotion(generated, row.get("text").asText()));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void everyForm(JsonNode row) {
    assertScores(row.get("result"), EmotionAnswer.parse(row.get("answer").asText(), row.get("text").asText()));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void alphaCutsToFourDecimals(JsonNode row) {
    assertEquals(vector(row.get("scaled")), vector(row.get("vector")).scaled(row.get("emo_alpha").asDouble()));
  }

  @ParameterizedTest
  @MethodSource("balanced")
  void balancedAsTheWebPageDoes(JsonNode row) {
    double[] expected = vector(row.get("result")).toArray();
    assertArrayEquals(expected, vector(row.get("vector")).balanced(row.get("apply_bias").asBoolean()).toArray(), 1e-15);
  }

  @Test
  void thoughtsAreDropped() {
    int thought = PROMPT.tokenizer().id("</think>").orElseThrow();
    int[] answer = PROMPT.tokenizer().encode("{\"高兴\": 1}");
    int[] generated = new int[answer.length + 2];
    generated[1] = thought;
    System.arraycopy(answer, 0, generated, 2, answer.length);
    assertEquals("{\"高兴\": 1}", PROMPT.decode(generated));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"高兴\": \"abc\"}", "{\"高兴\": null}", "{\"高兴\": [1]}", "{\"高兴\": NaN}", "高兴: 1.2.3", "高兴: ."})
  void whatIsNoNumberIsRefusedByName(String answer) {
    TextException e = assertThrows(TextException.class, () -> EmotionAnswer.parse(answer, "x"));
    assertTrue(e.getMessage().contains("高兴"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[", "[1, 2]", "5", "\"unknown\"", "{\"emotion\": \"unknown\"}", "\ufffd\ufffd", ":::", "\"\": 1"})
  void nothingNamedIsCalm(String answer) {
    assertEquals(EmotionVector.of(0, 0, 0, 0, 0, 0, 0, 1), EmotionAnswer.parse(answer, "x"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"高", " ", ":", "\"", "[", "{\"a\":", "a:", "1"})
  void aHugeAnswerTakesLittleTime(String unit) {
    String answer = "x" + unit.repeat(300_000);
    assertEquals(1, CpuTime.within(4, () -> EmotionAnswer.parse(answer, "x")).weight(EmotionLabel.CALM));
  }

  @Test
  void badVectorsAndTextsAreRefused() {
    assertThrows(TextException.class, () -> EmotionVector.of(1, 2, 3));
    assertThrows(TextException.class, () -> EmotionVector.of(1, 2, 3, 4, 5, 6, 7, Double.NaN));
    assertThrows(TextException.class, () -> EmotionVector.of(1, 0, 0, 0, 0, 0, 0, 0).scaled(Double.NaN));
    assertThrows(TextException.class, () -> EmotionVector.of(0, 0, 0, 0, 0, 0, 0, 1e30)); // would overflow inside the model
    assertEquals(-100, EmotionVector.of(0, 0, 0, 0, 0, 0, 0, -100).sum());
    assertThrows(TextException.class, () -> PROMPT.render("  "));
    assertEquals(EmotionVector.of(0, 0, 0, 0, 0, 0, 0, 0), EmotionVector.of(1, 1, 1, 1, 1, 1, 1, 1).scaled(-3));
  }
}
