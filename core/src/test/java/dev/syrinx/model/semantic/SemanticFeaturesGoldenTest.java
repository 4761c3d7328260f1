package dev.syrinx.model.semantic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.model.Golden;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.testdata.TestData;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.SafetensorsFile;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.TorchArchive;
import dev.syrinx.weights.W2vBertConfig;
import dev.syrinx.weights.WeightSource;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** w2v-BERT and the normalisation of its features against the official code. */
class SemanticFeaturesGoldenTest {
  private static Golden golden;
  private static Backend backend;
  private static SemanticFeatures network;

  private final Map<String, float[]> seen = new HashMap<>();

  @BeforeAll
  static void open() throws IOException {
    golden = new Golden(TestData.TINY_A);
    backend = new CpuBackend(2, false);
    network = load(backend, Precision.FP32);
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  @ParameterizedTest
  @CsvSource({"spk,0;1;8;17", "emo,17", "spk_as_emo,"})
  void hiddenStatesAndFeatures(String clip, String states) {
    golden.assertClose("w2v/" + clip + "_cond", run(network, backend, clip));
    for (String state : states == null ? new String[0] : states.split(";", -1)) {
      golden.assertClose("w2v/" + clip + "_hidden_" + state, seen.get("w2v.hidden." + state));
    }
  }

  @Test
  void theSameClipGivesTheSameBytesInTheSameMemory() {
    float[] first = run(network, backend, "emo");
    long reserved = backend.reservedBytes();
    assertArrayEquals(first, run(network, backend, "emo"));
    assertEquals(reserved, backend.reservedBytes());
  }

  @Test
  void maskedRowsChangeNothingBefore() {
    int width = network.encoder().features();
    int valid = 20;
    float[] features = Arrays.copyOf(golden.floats("features/emo_features"), (valid + 5) * width);
    float[] masked = run(network, backend, features, valid);
    float[] cut = run(network, backend, Arrays.copyOf(features, valid * width), valid);
    assertArrayEquals(cut, Arrays.copyOf(masked, cut.length), (float) golden.tolerance("w2v/emo_cond"));
  }

  @Test
  void vectorAndScalarBackendsAgree() {
    try (Backend scalar = new CpuBackend(2, true)) {
      float[] expected = run(load(scalar, Precision.FP32), scalar, "emo");
      assertArrayEquals(expected, run(network, backend, "emo"), (float) golden.tolerance("w2v/emo_cond"));
    }
  }

  @Test
  void halfPrecisionWeightsStayClose() {
    float[] expected = golden.floats("w2v/emo_cond");
    float[] actual = run(load(backend, Precision.FP16), backend, "emo");
    double deviation = Math.sqrt(squares(expected, new float[expected.length]));
    double error = Math.sqrt(squares(expected, actual));
    assertTrue(error < 2e-2 * deviation, "relative error " + error / deviation);
  }

  @Test
  void refusesOtherHeads() {
    W2vBertConfig other = new W2vBertConfig(48, 96, 18, 4, 160, 31, 64, 8, 1e-5);
    CheckpointException e = assertThrows(CheckpointException.class, () -> load(other, backend, Precision.FP32));
    assertTrue(e.getMessage().contains("4 heads"), e.getMessage());
  }

  @Test
  void refusesFeaturesOfAnotherExtent() {
    Ops ops = new Ops(backend, Taps.NONE);
    try (var _ = ops.scope()) {
      assertThrows(ShapeException.class, () -> network.forward(ops, ops.zeros(4, 80), 4));
      assertThrows(ShapeException.class, () -> network.forward(ops, ops.zeros(4, network.encoder().features()), 5));
    }
  }

  private static double squares(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.pow(a[i] - b[i], 2);
    }
    return sum;
  }

  private float[] run(SemanticFeatures on, Backend machine, String clip) {
    int valid = Arrays.stream(golden.ints("features/" + clip + "_mask")).sum();
    return run(on, machine, golden.floats("features/" + clip + "_features"), valid);
  }

  private float[] run(SemanticFeatures on, Backend machine, float[] features, int valid) {
    Ops ops = new Ops(machine, (name, tensor) -> seen.put(name, tensor.toFloats()));
    try (var _ = ops.scope()) {
      int width = on.encoder().features();
      return ops.download(on.forward(ops, ops.upload(features, features.length / width, width), valid));
    }
  }

  private static SemanticFeatures load(Backend on, Precision precision) {
    return load(W2vBertConfig.read(golden.file("hf_cache/w2v-bert-2.0/config.json")), on, precision);
  }

  private static SemanticFeatures load(W2vBertConfig config, Backend on, Precision precision) {
    try (WeightSource encoder = SafetensorsFile.open(golden.file("hf_cache/w2v-bert-2.0/model.safetensors"));
        TorchArchive statistics = TorchArchive.open(golden.file("wav2vec2bert_stats.pt"))) {
      TensorTable statisticsTable = new TensorTable(statistics.dictionary(), "w2v-BERT statistics");
      return SemanticFeatures.load(new TensorTable(encoder, "w2v-BERT"), config, statisticsTable, new Parameters(on, precision));
    }
  }
}
