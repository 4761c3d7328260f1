package dev.syrinx.model.vocoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.model.Golden;
import dev.syrinx.model.MapSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.testdata.TestData;
import dev.syrinx.weights.BigVganConfig;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.ModelFile;
import dev.syrinx.weights.ModelFiles;
import dev.syrinx.weights.ModelWeights;
import dev.syrinx.weights.TensorTable;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The vocoder against the official code. */
class BigVganGoldenTest {
  private final Map<String, float[]> seen = new HashMap<>();
  private Golden golden;
  private Backend backend;

  @BeforeEach
  void open() throws Exception {
    golden = new Golden(TestData.TINY_A);
    backend = new CpuBackend(2, false);
  }

  @AfterEach
  void close() {
    backend.close();
  }

  static BigVgan load(Backend on) {
    ModelFiles files = ModelFiles.locate(TestData.folder(TestData.TINY_A));
    try (ModelWeights weights = new ModelWeights(files)) {
      return BigVgan.load(weights.vocoder(), BigVganConfig.read(files.path(ModelFile.VOCODER_CONFIG)), new Parameters(on, Precision.FP32));
    }
  }

  /** The golden mel, cut or repeated to as many frames. */
  private float[] vocode(Backend on, BigVgan vocoder, int frames) {
    Ops ops = new Ops(on, (name, tensor) -> seen.putIfAbsent(name, tensor.toFloats()));
    int mels = golden.dim("cfm/mel_25", 1);
    float[] mel = Golden.transposed(golden.floats("cfm/mel_25"), golden.dim("cfm/mel_25", 2));
    float[] used = new float[frames * mels];
    for (int i = 0; i < used.length; i++) {
      used[i] = mel[i % mel.length];
    }
    try (var _ = ops.scope()) {
      return vocoder.vocode(ops, ops.upload(used, frames, mels));
    }
  }

  private void assertStage(String name) {
    golden.assertClose("bigvgan/" + name, Golden.transposed(seen.get("bigvgan." + name), golden.dim("bigvgan/" + name, 1)));
  }

  @Test
  void partsAndWaveform() {
    float[] wav = vocode(backend, load(backend), golden.dim("cfm/mel_25", 2));
    assertStage("conv_pre");
    assertStage("up_0");
    assertStage("resblock_0");
    golden.assertClose("bigvgan/wav", wav);
    int[] expected = golden.ints("bigvgan/int16");
    short[] made = Pcm16.truncated(wav);
    double tolerance = golden.tolerance("bigvgan/int16");
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], made[i], tolerance, "sample " + i);
    }
  }

  @Test
  void vectorAndScalarBackendsAgree() {
    float[] vector = vocode(backend, load(backend), 3);
    try (Backend scalar = new CpuBackend(1, true)) {
      assertArrayEquals(vocode(scalar, load(scalar), 3), vector, (float) golden.tolerance("bigvgan/wav"));
    }
  }

  @Test
  void piecesEqualTheWhole() {
    BigVgan vocoder = load(backend);
    int frames = 2 * vocoder.reach() + 8; // each half is cut before the other's end
    float[] whole = vocode(backend, vocoder, frames);
    assertArrayEquals(whole, vocode(backend, vocoder.inPieces(frames / 2), frames), 1e-6f);
  }

  @Test
  void aRecordingMakesTheSameAsOftenAsItRuns() {
    BigVgan vocoder = load(backend);
    Ops ops = new Ops(backend, Taps.NONE);
    int frames = golden.dim("cfm/mel_25", 2);
    float[] expected = vocode(backend, vocoder, frames);
    float[] mel = Golden.transposed(golden.floats("cfm/mel_25"), frames);
    try (PreparedVocoder ready = vocoder.prepare(ops, frames).orElseThrow(); var _ = ops.scope()) {
      Tensor given = ops.upload(mel, frames, golden.dim("cfm/mel_25", 1));
      Tensor silence = ops.zeros(frames, given.cols());
      assertArrayEquals(expected, ready.vocode(given));
      assertArrayEquals(vocoder.vocode(ops, silence), ready.vocode(silence));
      assertArrayEquals(expected, ready.vocode(given));
      assertThrows(ShapeException.class, () -> ready.vocode(given.rows(1, frames)));
    }
  }

  @Test
  void onlyASinglePieceIsRecorded() {
    BigVgan vocoder = load(backend).inPieces(4);
    Ops ops = new Ops(backend, Taps.NONE);
    assertTrue(vocoder.prepare(ops, 5).isEmpty());
    assertTrue(vocoder.prepare(ops, 0).isEmpty());
    vocoder.prepare(ops, 4).orElseThrow().close();
  }

  @Test
  void plainWeightsAreTheSameAsSplitOnes() {
    ModelFiles files = ModelFiles.locate(TestData.folder(TestData.TINY_A));
    MapSource plain = new MapSource();
    try (ModelWeights weights = new ModelWeights(files)) {
      TensorTable table = new TensorTable(weights.vocoder(), "test");
      for (String name : table.names()) {
        if (name.endsWith(".weight_v")) {
          String layer = name.substring(0, name.lastIndexOf('.'));
          plain.with(table.weightNormed(layer, table.tensor(name, -1, -1, -1).shape().stream().mapToInt(Integer::intValue).toArray()));
        } else if (!name.endsWith(".weight_g")) {
          plain.with(weights.vocoder().tensor(name));
        }
      }
      BigVganConfig config = BigVganConfig.read(files.path(ModelFile.VOCODER_CONFIG));
      BigVgan vocoder = BigVgan.load(plain, config, new Parameters(backend, Precision.FP32));
      assertArrayEquals(vocode(backend, load(backend), 5), vocode(backend, vocoder, 5));
    }
  }

  @Test
  void aMissingTensorIsNamed() {
    ModelFiles files = ModelFiles.locate(TestData.folder(TestData.TINY_A));
    BigVganConfig config = BigVganConfig.read(files.path(ModelFile.VOCODER_CONFIG));
    Parameters parameters = new Parameters(backend, Precision.FP32);
    CheckpointException e = assertThrows(CheckpointException.class, () -> BigVgan.load(new MapSource(), config, parameters));
    assertTrue(e.getMessage().contains("conv_pre.weight"), e.getMessage());
  }

  @Test
  void reachIsAsNarrowAsTheNetworkAllows() {
    BigVgan vocoder = load(backend);
    assertEquals(256, vocoder.samplesPerFrame());
    assertTrue(vocoder.reach() >= 38 && vocoder.reach() <= 43, "reach of " + vocoder.reach() + " frames");
  }
}
