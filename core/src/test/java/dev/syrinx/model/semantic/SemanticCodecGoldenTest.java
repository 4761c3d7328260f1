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
import dev.syrinx.weights.SafetensorsFile;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.WeightSource;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The semantic codec against the official code. */
class SemanticCodecGoldenTest {
  private final Map<String, float[]> seen = new HashMap<>();
  private Golden golden;
  private Backend backend;

  @BeforeEach
  void open() throws IOException {
    golden = new Golden(TestData.TINY_A);
    backend = new CpuBackend(2, false);
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void encoderCodesAndVectors() {
    SemanticCodec codec = load(backend);
    golden.assertSame("semantic/codes", quantize(codec, backend));
    golden.assertClose("semantic/encoder_out", Golden.transposed(seen.get("semantic.encoder_out"), codec.width()));
    golden.assertClose("semantic/s_ref", seen.get("semantic.s_ref"));
    golden.assertClose("semantic/code_cosine_margin", margins(seen.get("semantic.similarity"), codec.codes()));
  }

  @Test
  void vectorsOfCodes() {
    SemanticCodec codec = load(backend);
    Ops ops = new Ops(backend, Taps.NONE);
    int[] codes = golden.ints("gpt_latent/latent_codes");
    try (var _ = ops.scope()) {
      golden.assertClose("s_infer/code_emb", ops.download(codec.embed(ops, codes)));
      assertArrayEquals(ops.download(codec.embed(ops, codes)), ops.download(codec.embed(ops, ops.uploadInts(codes, codes.length))));
    }
    int stop = codec.codes() + 1;
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> codec.embed(ops, new int[] {3, stop}));
    assertTrue(e.getMessage().contains("semantic code 1 is " + stop), e.getMessage());
  }

  @Test
  void vectorAndScalarBackendsAgree() {
    quantize(load(backend), backend);
    float[] vector = seen.get("semantic.encoder_out");
    try (Backend scalar = new CpuBackend(2, true)) {
      golden.assertSame("semantic/codes", quantize(load(scalar), scalar));
      assertArrayEquals(seen.get("semantic.encoder_out"), vector, (float) golden.tolerance("semantic/encoder_out"));
    }
  }

  @Test
  void sizesComeFromTheFile() {
    SemanticCodec codec = load(backend);
    assertEquals(512, codec.codes());
    assertEquals(48, codec.width());
    Ops ops = new Ops(backend, Taps.NONE);
    assertThrows(ShapeException.class, () -> codec.quantize(ops, ops.zeros(3, 47)));
  }

  /** Gap between the best and the second-best cosine of each row. */
  private static float[] margins(float[] cosines, int codes) {
    float[] margins = new float[cosines.length / codes];
    for (int r = 0; r < margins.length; r++) {
      float best = Float.NEGATIVE_INFINITY;
      float second = Float.NEGATIVE_INFINITY;
      for (int i = r * codes; i < (r + 1) * codes; i++) {
        second = Math.max(second, Math.min(best, cosines[i]));
        best = Math.max(best, cosines[i]);
      }
      margins[r] = best - second;
    }
    return margins;
  }

  private int[] quantize(SemanticCodec codec, Backend on) {
    Ops ops = new Ops(on, (name, tensor) -> seen.put(name, tensor.toFloats()));
    float[] x = golden.floats("w2v/spk_cond");
    try (var _ = ops.scope()) {
      return ops.downloadInts(codec.quantize(ops, ops.upload(x, x.length / codec.width(), codec.width())).codes());
    }
  }

  private SemanticCodec load(Backend on) {
    try (WeightSource file = SafetensorsFile.open(golden.file("hf_cache/semantic_codec_model.safetensors"))) {
      return SemanticCodec.load(new TensorTable(file, "semantic codec"), new Parameters(on, Precision.FP16));
    }
  }
}
