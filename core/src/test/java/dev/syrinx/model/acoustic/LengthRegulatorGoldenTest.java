package dev.syrinx.model.acoustic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.model.Golden;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.testdata.TestData;
import dev.syrinx.weights.ModelFiles;
import dev.syrinx.weights.ModelWeights;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Projection of the latents and length regulation against the official code. */
class LengthRegulatorGoldenTest {
  private Golden golden;
  private Backend backend;
  private Ops ops;
  private GptProjection projection;
  private LengthRegulator regulator;

  @BeforeEach
  void load() throws Exception {
    golden = new Golden(TestData.TINY_A);
    backend = new CpuBackend(1, false);
    ops = new Ops(backend, Taps.NONE);
    ModelFiles files = ModelFiles.locate(TestData.folder(TestData.TINY_A));
    Parameters parameters = new Parameters(backend, Precision.FP32);
    try (ModelWeights weights = new ModelWeights(files)) {
      projection = GptProjection.load(weights.latentProjection(), parameters);
      regulator = LengthRegulator.load(weights.lengthRegulator(), files.config().speechToMel().lengthRegulator(), parameters);
    }
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private Tensor input(String reference) {
    return ops.upload(golden.floats(reference), golden.dim(reference, 1), golden.dim(reference, 2));
  }

  @Test
  void promptCondition() {
    try (var _ = ops.scope()) {
      Tensor made = regulator.apply(ops, input("semantic/s_ref"), golden.dim("ref_mel/mel", 2));
      golden.assertClose("prompt_condition/prompt_condition", ops.download(made));
    }
  }

  @Test
  void latentsAndCondition() {
    try (var _ = ops.scope()) {
      golden.assertClose("s_infer/gpt_layer", ops.download(projection.apply(ops, input("gpt_latent/latent"))));
      int codes = golden.dim("s_infer/s_infer", 1);
      assertArrayEquals(golden.ints("s_infer/target_lengths"), new int[] {LengthRegulator.frames(codes)});
      golden.assertClose("s_infer/cond", ops.download(regulator.apply(ops, input("s_infer/s_infer"), LengthRegulator.frames(codes))));
    }
  }

  @Test
  void nearestRowsAreThoseOfFloat32() {
    int frames = 44;
    int[] rows = LengthRegulator.nearest(26, frames);
    int differing = 0;
    for (int i = 0; i < frames; i++) {
      differing += rows[i] == i * 26 / frames ? 0 : 1;
    }
    assertEquals(1, differing, "integer arithmetic gives other rows for this length");
    assertEquals(25, rows[frames - 1]);
  }

  @Test
  void emptySequencesAreRefused() {
    try (var _ = ops.scope()) {
      Tensor one = ops.zeros(1, regulator.input().k());
      assertThrows(ShapeException.class, () -> regulator.apply(ops, one, 0));
    }
  }
}
