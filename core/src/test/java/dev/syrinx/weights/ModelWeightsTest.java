package dev.syrinx.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.testdata.TestData;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelWeightsTest {
  private static final ModelFiles FILES = ModelFiles.locate(TestData.folder(TestData.TINY_A));

  /** Counts are those of the files that the official program wrote. */
  @Test
  void everyComponentOfTheReferenceModelLoads() {
    try (ModelWeights weights = new ModelWeights(FILES)) {
      Map<WeightSource, Integer> counts = Map.of(
          weights.gpt(), 227,
          weights.flowMatching(), 122,
          weights.lengthRegulator(), 22,
          weights.latentProjection(), 6,
          weights.speakerEncoder(), 937,
          weights.vocoder(), 783);
      counts.forEach((source, count) -> assertEquals(count, source.names().size(), source.origin()));
      for (WeightSource source : List.of(weights.gpt(), weights.flowMatching(), weights.lengthRegulator(), weights.latentProjection(),
          weights.speakerEncoder(), weights.vocoder(), weights.w2vBert(), weights.semanticCodec(), weights.emotionModel(),
          weights.featureStatistics())) {
        for (String name : source.names()) {
          assertPlausible(source.tensor(name));
        }
      }
      assertEquals(List.of(73, 24), weights.speakerMatrix().shape());
      assertEquals(List.of(73, 128), weights.emotionMatrix().shape());
      assertEquals(List.of(48), weights.featureStatistics().tensor("var").shape());
      assertEquals(List.of(514, 128), weights.gpt().tensor("mel_embedding.weight").shape());
      assertEquals(List.of(64, 48), weights.lengthRegulator().tensor("content_in_proj.weight").shape());
      assertEquals(List.of(512, 8), weights.semanticCodec().tensor("quantizer.quantizers.0.codebook.weight").shape());
      assertEquals(List.of(428, 64), weights.emotionModel().tensor("model.embed_tokens.weight").shape());
    }
  }

  @Test
  void releasedFilesEndAndOpenAgain() {
    try (ModelWeights weights = new ModelWeights(FILES)) {
      StoredTensor before = weights.gpt().tensor("final_norm.weight");
      float first = before.toFloats()[0];
      weights.release(ModelFile.GPT);
      assertThrows(IllegalStateException.class, before::toFloats);
      assertEquals(first, weights.gpt().tensor("final_norm.weight").toFloats()[0]);
    }
  }

  private static void assertPlausible(StoredTensor tensor) {
    if (!tensor.dtype().floating()) {
      assertTrue(tensor.toLongs().length == tensor.elements(), tensor.name());
      return;
    }
    for (float value : tensor.toFloats()) {
      assertTrue(Math.abs(value) < 1e5, () -> tensor.name() + " has the element " + value);
    }
  }
}
