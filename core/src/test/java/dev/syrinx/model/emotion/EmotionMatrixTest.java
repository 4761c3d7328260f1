package dev.syrinx.model.emotion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.syrinx.model.Golden;
import dev.syrinx.testdata.TestData;
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
    try (TorchArchive styles = TorchArchive.open(golden.file("feat1.pt")); TorchArchive emotions = TorchArchive.open(golden.file("feat2.pt"))) {
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
      double[] weights = EmotionMatrix.scaled(doubles(vectors.get(i).path("vector")), vectors.get(i).path("emo_alpha").asDouble());
      assertArrayEquals(doubles(vectors.get(i).path("scaled")), weights);
      float[] mix = matrix.mix(weights, rows);
      golden.assertClose("emo_vector/mat_" + i, mix);
      golden.assertClose("emo_vector/emovec_" + i, EmotionMatrix.blend(weights, mix, recorded));
    }
  }

  @Test
  void weightsForPeopleAreLimited() {
    for (JsonNode one : golden.param("emo_vector", "normalize_emo_vec")) {
      assertArrayEquals(doubles(one.path("result")), EmotionMatrix.normalised(doubles(one.path("vector")), one.path("apply_bias").asBoolean()), 1e-15);
    }
  }

  @Test
  void strengthIsLimitedToOne() {
    double[] weights = {0.1, 0, 0, 0, 0, 0, 0, 0.123456};
    assertArrayEquals(weights, EmotionMatrix.scaled(weights, 7));
    assertArrayEquals(new double[8], EmotionMatrix.scaled(weights, -1));
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
    assertEquals(8, EmotionMatrix.EMOTIONS);
    assertThrows(IllegalArgumentException.class, () -> matrix.nearest(new float[3]));
    assertThrows(IllegalArgumentException.class, () -> EmotionMatrix.scaled(new double[7], 1));
    assertThrows(IllegalArgumentException.class, () -> EmotionMatrix.scaled(new double[] {Double.NaN, 0, 0, 0, 0, 0, 0, 0}, 1));
  }

  private static double[] doubles(JsonNode list) {
    double[] values = new double[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).asDouble();
    }
    return values;
  }
}
