package dev.syrinx.model.emotion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.testdata.TestData;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.GenerationConfig;
import dev.syrinx.weights.QwenConfig;
import dev.syrinx.weights.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The emotion language model against the official code. */
class EmotionTextModelTest {
  private static final Path FOLDER = TestData.folder(TestData.TINY_A).resolve("qwen0.6bemo4-merge");

  private static final List<Integer> END = GenerationConfig.read(FOLDER.resolve("generation_config.json")).endTokens();

  private final Map<String, float[]> seen = new HashMap<>();
  private Backend backend;
  private Ops ops;

  @BeforeEach
  void open() {
    backend = new CpuBackend(2, false);
    ops = new Ops(backend, (name, tensor) -> seen.put(name, tensor.toFloats()));
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private EmotionTextModel load(List<Integer> endTokens, Precision precision) {
    try (SafetensorsFile file = SafetensorsFile.open(FOLDER.resolve("model.safetensors"))) {
      return EmotionTextModel.load(file, QwenConfig.read(FOLDER.resolve("config.json")), endTokens, new Parameters(backend, precision));
    }
  }

  /** The stored weights are bf16: keeping them so loses nothing. */
  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void answersAreThoseOfTheOfficialModel(Precision precision) throws IOException {
    EmotionTextModel model = load(END, precision);
    JsonNode golden = new ObjectMapper().readTree(TestData.folder(TestData.TINY_A).resolve("golden/qwen.json").toFile());
    for (JsonNode text : golden.path("texts")) {
      int[] answer = ints(text.path("output_ids"));
      assertArrayEquals(answer, model.generate(ops, ints(text.path("prompt_ids")), 40), text.path("text").asText());
      if (text.has("first_logits")) {
        assertArrayEquals(floats(text.path("first_logits")), seen.get("emotion.first_logits"), 1e-3f);
      }
    }
  }

  @Test
  void anAnswerEndsAtItsStopId() throws IOException {
    JsonNode text = new ObjectMapper().readTree(TestData.folder(TestData.TINY_A).resolve("golden/qwen.json").toFile()).path("texts").get(0);
    int[] answer = ints(text.path("output_ids"));
    assertArrayEquals(
        new int[] {answer[0], answer[1]}, load(List.of(5, answer[2]), Precision.FP32).generate(ops, ints(text.path("prompt_ids")), 40));
  }

  @Test
  void badInputIsNamed() {
    EmotionTextModel model = load(END, Precision.FP32);
    assertThrows(ShapeException.class, () -> model.generate(ops, new int[0], 5));
    assertThrows(ShapeException.class, () -> model.generate(ops, new int[] {3}, 5000));
    assertThrows(ShapeException.class, () -> model.generate(ops, new int[] {model.vocabulary()}, 5));
    try (SafetensorsFile file = SafetensorsFile.open(FOLDER.resolve("model.safetensors"))) {
      QwenConfig wrong = new QwenConfig(428, 64, 96, 3, 4, 2, 16, 4096, 1e-6, 1e6, true, END);
      Parameters parameters = new Parameters(backend, Precision.FP32);
      CheckpointException e = assertThrows(CheckpointException.class, () -> EmotionTextModel.load(file, wrong, END, parameters));
      assertTrue(e.getMessage().contains("2 layers"), e.getMessage());
    }
  }

  private static int[] ints(JsonNode list) {
    int[] values = new int[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).asInt();
    }
    return values;
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) list.get(i).asDouble();
    }
    return values;
  }
}
