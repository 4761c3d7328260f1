package dev.syrinx.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.syrinx.backend.CpuBackend;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.testdata.TestData;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ListeningTest {
  @Test
  void networksOfARecordingAreLoadedOnceWhenTheyAreNeeded() {
    List<String> loaded = new ArrayList<>();
    List<ModelFolder> again = new ArrayList<>();
    try (CpuBackend backend = new CpuBackend(1, false); ModelFolder folder = new ModelFolder(TestData.folder(TestData.TINY_A))) {
      IndexTts2 model = IndexTts2.loadForSpeech(
          folder,
          () -> {
            again.add(new ModelFolder(folder.files().folder()));
            return again.getLast();
          },
          new Parameters(backend, Precision.FP32), loaded::add);
      List<String> speech = List.of("semantic codec", "GPT", "emotion matrices", "latent projection", "length regulator", "flow matching", "vocoder");
      assertEquals(speech, loaded);
      assertEquals(model.codec().width(), model.semantic().width());
      assertSame(model.speaker(), model.speaker());
      assertEquals(List.of("w2v-BERT", "CAM++"), loaded.subList(speech.size(), loaded.size()));
      assertEquals(1, again.size());
    }
  }
}
