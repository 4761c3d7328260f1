package dev.syrinx.model.emotion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.syrinx.model.Golden;
import dev.syrinx.testdata.TestData;
import dev.syrinx.text.emotion.EmotionVector;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.TorchArchive;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Emotion mixtures against the official code. */
class EmotionMatrixTest {
  private static final List<Integer> GROUPS = List.of(3, 17, 2, 8, 4, 5, 10, 24);

  private Golden golden;
  private EmotionMatrix matrix;

  @BeforeEach
  void open() throws IOException {
    golden = new Golden(TestData.TINY_A);
    matrix = load(GROUPS);
  }

  private EmotionMatrix load(List<Integer> groups) {
    try (TorchArchive styles = TorchArchive.open(golden.file("feat1.pt"));
        TorchArchive emotions = TorchArchive.open(golden.file("feat2.pt"))) {
      return new EmotionMatrix(styles.tensor(), emotions.tensor(), groups);
    }
  }

  @Test
  void rowsMixturesAndVectors() {
    int[] rows = matrix.nearest(golden.floats("campplus/style"));
    golden.assertSame("emo_vector/row_index", rows);
    JsonNode vectors = golden.param("emo_vector", "vectors");
    float[] recorded = golden.floats("conditioning/emovec_default");
    for (int i = 0; i < vectors.size(); i++) {
      EmotionVector weights = EmotionVector.of(doubles(vectors.get(i).path("vector"))).scaled(vectors.get(i).path("emo_alpha").asDouble());
      assertArrayEquals(doubles(vectors.get(i).path("scaled")), weights.toArray());
      float[] mix = matrix.mix(weights, rows);
      golden.assertClose("emo_vector/mat_" + i, mix);
      golden.assertClose("emo_vector/emovec_" + i, EmotionMatrix.blend(weights, mix, recorded));
    }
  }

  @Test
  void randomRowsStayInTheirGroups() {
    SplittableRandom chance = new SplittableRandom(1);
    for (int i = 0; i < 200; i++) {
      int[] rows = matrix.random(chance);
      for (int g = 0; g < rows.length; g++) {
        assertTrue(rows[g] >= 0 && rows[g] < GROUPS.get(g));
      }
    }
  }

  @Test
  void badInputIsNamed() {
    assertTrue(assertThrows(CheckpointException.class, () -> load(List.of(3, 17, 2, 8, 4, 5, 10, 25))).getMessage().contains("74"));
    assertThrows(CheckpointException.class, () -> load(List.of(20, 53)));
    assertThrows(IllegalArgumentException.class, () -> matrix.nearest(new float[3]));
    EmotionVector calm = EmotionVector.of(0, 0, 0, 0, 0, 0, 0, 1);
    assertThrows(IllegalArgumentException.class, () -> EmotionMatrix.blend(calm, new float[matrix.width()], new float[3]));
  }

  private static double[] doubles(JsonNode list) {
    double[] values = new double[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).asDouble();
    }
    return values;
  }
}
