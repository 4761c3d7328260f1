package dev.syrinx.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.testdata.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
  private static final Path MODEL = TestData.folder(TestData.TINY_A);

  @TempDir Path folder;

  @Test
  void referenceConfigurationIsRead() {
    ModelConfig config = ModelConfig.read(MODEL.resolve("config.yaml"));
    assertEquals(new ModelConfig.Gpt(128, 3, 2, 320, 140, 400, 514, 512, 513, 0, 1,
        new ModelConfig.Conditioner(48, 96, 3, 2, 2), new ModelConfig.Conditioner(32, 64, 2, 2, 2)), config.gpt());
    assertEquals(new ModelConfig.SemanticCodec(512, 48, 8, 32, 96, 3), config.semanticCodec());
    assertEquals(new ModelConfig.SpeechToMel(
        new ModelConfig.Spectrogram(22050, 1024, 1024, 256, 80, 0, Optional.empty()),
        new ModelConfig.LengthRegulator(64, 48, 4),
        new ModelConfig.Transformer(64, 2, 5, 80, 64),
        new ModelConfig.Wavenet(64, 3, 5, 1),
        24), config.speechToMel());
    assertEquals(List.of(3, 17, 2, 8, 4, 5, 10, 24), config.emotionGroups());
    assertEquals(new ModelConfig.FileNames("bpe.model", "gpt.pth", "s2mel.pth", "wav2vec2bert_stats.pt", "feat2.pt", "feat1.pt",
        "qwen0.6bemo4-merge/"), config.files());
    assertEquals(new ModelConfig.Vocoder("bigvgan", "nvidia/bigvgan_v2_22khz_80band_256x"), config.vocoder());
    assertEquals(Optional.of("2.0"), config.version());
  }

  /** The official program asks only whether {@code fmax} is the word None. */
  @ParameterizedTest
  @CsvSource({"fmax: 8000, 8000", "fmax: 7600, 8000", "fmax: 20000, 8000", "fmax: ~, 8000", "fmax: None, 0", "other: 1, 0"})
  void anyLimitOfFrequenciesIsTheOfficialOne(String instead, double hertz) throws IOException {
    String text = Files.readString(MODEL.resolve("config.yaml"));
    Path file = Files.writeString(folder.resolve("config.yaml"), text.replace("fmax: None", instead));
    Optional<Double> top = ModelConfig.read(file).speechToMel().spectrogram().maxFrequency();
    assertEquals(hertz == 0 ? Optional.empty() : Optional.of(hertz), top);
  }

  @Test
  void configurationsBesideTheModelsAreRead() {
    W2vBertConfig features = W2vBertConfig.read(MODEL.resolve("hf_cache/w2v-bert-2.0/config.json"));
    assertEquals(new W2vBertConfig(48, 96, 18, 3, 160, 31, 64, 8, 1e-5), features);
    BigVganConfig vocoder = BigVganConfig.read(MODEL.resolve("hf_cache/bigvgan/config.json"));
    assertEquals(List.of(4, 4, 2, 2, 2, 2), vocoder.upsampleRates());
    assertEquals(List.of(List.of(1, 3, 5), List.of(1, 3, 5), List.of(1, 3, 5)), vocoder.resblockDilations());
    assertEquals(256, vocoder.samplesPerFrame());
    assertEquals(96, vocoder.initialChannels());
    assertTrue(vocoder.logScale() && !vocoder.tanhAtFinal() && !vocoder.biasAtFinal());
    QwenConfig qwen = QwenConfig.read(MODEL.resolve("qwen0.6bemo4-merge/config.json"));
    assertEquals(new QwenConfig(428, 64, 96, 2, 4, 2, 16, 4096, 1e-6, 1e6, true, List.of(420)), qwen);
    assertEquals(List.of(420), GenerationConfig.read(MODEL.resolve("qwen0.6bemo4-merge/generation_config.json")).endTokens());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "model_dim: 128             | nothing: 1               | gpt.model_dim is missing; expected an integer from 1",
      "model_dim: 128             | model_dim: wide          | gpt.model_dim should be an integer from 1 to 16777216, is \"wide\"",
      "model_dim: 128             | model_dim: -128          | gpt.model_dim should be an integer from 1 to 16777216, is -128",
      "model_dim: 128             | model_dim: 128.5         | gpt.model_dim should be an integer",
      "model_dim: 128             | model_dim: 99999999999   | gpt.model_dim should be an integer",
      "model_dim: 128             | model_dim: 129           | gpt: heads, 2, must divide model_dim, 129",
      "heads: 2                   | heads: 0                 | gpt.heads should be an integer from 1",
      "layers: 3                  | layers: 2000000000       | gpt.layers should be an integer from 1 to 4096",
      "start_mel_token: 512       | start_mel_token: 514     | gpt: start_mel_token and stop_mel_token must be below number_mel_codes, 514",
      "linear_units: 96           | linear_units: []         | gpt.condition_module.linear_units should be an integer",
      "input_layer: conv2d2       | input_layer: linear      | gpt.condition_module.input_layer is 'linear'; only 'conv2d2' is supported",
      "'      n_fft: 1024'        | '      n_fft: 1000'        | spect_params: needs hop_length <= win_length <= n_fft",
      "'      fmin: 0'           | '      fmin: 12000'     | needs 0 <= fmin < fmax <= sr / 2",
      "sr: 22050                  | sr: 10000000             | s2mel.preprocess_params.sr should be an integer from 1000 to 384000",
      "'      n_fft: 1024'        | '      n_fft: 1000000'   | n_fft should be an integer from 1 to 65536",
      "start_mel_token: 512       | start_mel_token: 513     | gpt: start_mel_token and stop_mel_token are both 513",
      "fmax: None                 | fmax: .nan               | no valid YAML",
      "hidden_size: 48            | hidden_size: ~           | semantic_codec.hidden_size should be an integer",
      "time_as_token: false       | time_as_token: true      | s2mel.DiT.time_as_token is 'true'; only 'false' is supported",
      "zero_prompt_speech_token: false | zero_prompt_speech_token: true | s2mel.DiT.zero_prompt_speech_token is 'true'; only 'false' is supported",
      "dilation_rate: 1           | dilation_rate: 10000000  | s2mel.wavenet: dilation_rate, 10000000, over 3 layers reaches further",
      "type: bigvgan              | type: hifigan            | vocoder.type is 'hifigan'; only 'bigvgan' is supported",
      "gpt_checkpoint: gpt.pth    | gpt_checkpoint: 7        | gpt_checkpoint should be a text, is 7",
      "gpt_checkpoint: gpt.pth    | gpt_checkpoint: ''       | gpt_checkpoint should be a text",
      "w2v_stat: wav2vec2bert     | other: x                 | w2v_stat is missing; expected a text",
      "emo_num:                   | emo_num: 3               | no valid YAML",
      "s2mel:                     | s2mell:                  | s2mel is missing; expected a section",
  })
  void wrongKeysAreNamed(String line, String instead, String complaint) throws IOException {
    String text = Files.readString(MODEL.resolve("config.yaml"));
    assertTrue(text.contains(line), line);
    Path file = Files.writeString(folder.resolve("config.yaml"), text.replaceFirst("(?m)" + Pattern.quote(line), instead));
    String message = assertThrows(CheckpointException.class, () -> ModelConfig.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": ") && message.contains(complaint), message);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "<html><body>404</body></html>         | HTML page",
      "just words                            | keys and values",
      "[1, 2]                                | keys and values",
      "a: &x [*x]                            | ",
      "a: b: c                               | no valid YAML",
      "gpt: {a: 1}                           | gpt.model_dim is missing",
      "gpt: 1                                | gpt should be a section, is 1",
      "a: 1_0_                               | ",
      "!!javax.script.ScriptEngineManager {} | ",
  })
  void otherTextsAreExplained(String text, String complaint) throws IOException {
    Path file = Files.writeString(folder.resolve("config.yaml"), text);
    String message = assertThrows(CheckpointException.class, () -> ModelConfig.read(file)).getMessage();
    assertTrue(complaint == null || message.contains(complaint), message);
  }

  @Test
  void deepAndLongFilesAreRefused() throws IOException {
    Path deep = Files.writeString(folder.resolve("deep.yaml"), "a: " + "[".repeat(100_000));
    assertThrows(CheckpointException.class, () -> ModelConfig.read(deep));
    Path json = Files.writeString(folder.resolve("deep.json"), "{\"a\":".repeat(100_000));
    assertThrows(CheckpointException.class, () -> QwenConfig.read(json));
    StringBuilder laughs = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      laughs.append("a%d: &a%d [%s]%n".formatted(i, i, String.join(", ", Collections.nCopies(10, "*a" + (i - 1)))));
    }
    Path bomb = Files.writeString(folder.resolve("bomb.yaml"), laughs);
    assertThrows(CheckpointException.class, () -> ModelConfig.read(bomb));
    assertThrows(CheckpointException.class, () -> ModelConfig.read(folder.resolve("missing.yaml")));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "\"upsample_rates\": [  | \"other\": [             | upsample_rates is missing",
      "\"hop_size\": 256      | \"hop_size\": 255        | the product of upsample_rates must be hop_size, 255",
      "\"upsample_initial_channel\": 96 | \"upsample_initial_channel\": 63 | upsample_initial_channel, 63, cannot be halved 6 times",
      "\"resblock\": \"1\"    | \"resblock\": \"2\"      | resblock is '2'; only '1' is supported",
      "\"fmax\": null         | \"fmax\": 1, \"fmax\": 2 | Duplicate",
  })
  void wrongVocoderKeysAreNamed(String line, String instead, String complaint) throws IOException {
    String text = Files.readString(MODEL.resolve("hf_cache/bigvgan/config.json"));
    assertTrue(text.contains(line), line);
    Path file = Files.writeString(folder.resolve("config.json"), text.replace(line, instead));
    String message = assertThrows(CheckpointException.class, () -> BigVganConfig.read(file)).getMessage();
    assertTrue(message.contains(complaint), message);
  }
}
