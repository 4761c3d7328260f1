package dev.syrinx.model;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.CpuBackend;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.testdata.TestData;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.ModelConfig;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A checkpoint from which blocks were lost, or a configuration of another model, is not spoken with. */
final class BelongTogetherTest {
  private static final Path MODEL = TestData.folder(TestData.TINY_A);

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'  layers: 3' | '  layers: 4' | gpt.layers of the configuration and the GPT's blocks differ (4 and 3)",
        "number_mel_codes: 514 | number_mel_codes: 600 | number_mel_codes of the configuration and the GPT's codes differ (600 and 514)",
        "num_blocks: 2 | num_blocks: 3 | num_blocks and the speaker conformer's blocks differ (3 and 2)",
      })
  void configurationsOfOtherModelsAreRefused(String line, String instead, String complaint) throws IOException {
    String text = Files.readString(MODEL.resolve("config.yaml"));
    Path changed = Files.writeString(folder.resolve("config.yaml"), text.replaceFirst(line, instead));
    refused("config", _ -> ModelConfig.read(changed), complaint);
  }

  @Test
  void anEmotionMatrixOfAnotherWidthIsRefusedBeforeAnEmotionIsAskedFor() {
    refused("emotionMatrix", ModelSource::speakerMatrix, "the emotion matrix's width and the GPT's differ");
  }

  /** Loads the small model, of which one part comes from somewhere else. */
  private static void refused(String part, Function<ModelSource, Object> instead, String complaint) {
    try (CpuBackend backend = new CpuBackend(1, false); ModelFolder model = new ModelFolder(MODEL)) {
      ModelSource mixed = (ModelSource) Proxy.newProxyInstance(
          ModelSource.class.getClassLoader(), new Class<?>[] {ModelSource.class},
          (_, method, args) -> method.getName().equals(part) ? instead.apply(model) : method.invoke(model, args));
      Parameters parameters = new Parameters(backend, Precision.FP32);
      String message = assertThrows(CheckpointException.class, () -> IndexTts2.load(mixed, parameters, name -> {})).getMessage();
      assertTrue(message.contains("do not belong together") && message.contains(complaint), message);
    }
  }
}
