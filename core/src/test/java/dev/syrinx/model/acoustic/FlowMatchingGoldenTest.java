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
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The estimator and its solver against the official code. */
class FlowMatchingGoldenTest {
  private static final FlowOptions TWO_STEPS = FlowOptions.standard().with(FlowSchedule.of(0f, 0.3f, 1f));

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

  private static FlowMatching load(Backend on, Precision precision) {
    ModelFiles files = ModelFiles.locate(TestData.folder(TestData.TINY_A));
    try (ModelWeights weights = new ModelWeights(files)) {
      return FlowMatching.load(weights.flowMatching(), files.config().speechToMel(), new Parameters(on, precision));
    }
  }

  private float[] generate(Backend on, FlowMatching flow, FlowOptions options) {
    Ops ops = new Ops(on, (name, tensor) -> seen.put(name, tensor.toFloats()));
    try (var _ = ops.scope()) {
      return ops.download(flow.generate(ops, input(ops), golden.floats("cfm/z"), options));
    }
  }

  /** The golden inputs cut to 21 frames of prompt and 14 to be made: quick enough for scalar kernels. */
  private float[] generateShort(Backend on, FlowMatching flow, FlowOptions options) {
    Ops ops = new Ops(on, Taps.NONE);
    try (var _ = ops.scope()) {
      FlowInput all = input(ops);
      Tensor mel = all.promptMel().rows(0, 21);
      FlowInput cut = new FlowInput(mel, all.promptCondition().rows(0, 21), all.condition().rows(0, 14), all.style());
      return ops.download(flow.generate(ops, cut, Arrays.copyOf(golden.floats("cfm/z"), 35 * flow.mels()), options));
    }
  }

  private FlowInput input(Ops ops) {
    int prompt = golden.dim("ref_mel/mel", 2);
    int mels = golden.dim("ref_mel/mel", 1);
    Tensor mel = ops.upload(Golden.transposed(golden.floats("ref_mel/mel"), prompt), prompt, mels);
    return new FlowInput(mel, rows(ops, "prompt_condition/prompt_condition"), rows(ops, "s_infer/cond"), style(ops));
  }

  private Tensor rows(Ops ops, String reference) {
    return ops.upload(golden.floats(reference), golden.dim(reference, 1), golden.dim(reference, 2));
  }

  private Tensor style(Ops ops) {
    float[] style = golden.floats("campplus/style");
    return ops.upload(style, 1, style.length);
  }

  private void assertMel(String reference, float[] timeMajor) {
    golden.assertClose(reference, Golden.transposed(timeMajor, golden.dim(reference, 1)));
  }

  @Test
  void everyFrameOfTheFirstStep() {
    FlowSchedule schedule = FlowSchedule.of(0f, FlowSchedule.uniform(25).length(0), 1f);
    generate(backend, load(backend, Precision.FP32), FlowOptions.standard().with(schedule).inspected());
    assertMel("cfm/step0_cond", seen.get("cfm.step0_cond"));
    assertMel("cfm/step0_null", seen.get("cfm.step0_null"));
    assertMel("cfm/x_after_1", seen.get("cfm.x_after_1"));
  }

  @Test
  void recordedStepsOverTheFramesThatMatter() {
    float[] mel = generate(backend, load(backend, Precision.FP32), FlowOptions.standard());
    assertMel("cfm/x_after_1", seen.get("cfm.x_after_1"));
    assertMel("cfm/x_after_5", seen.get("cfm.x_after_5"));
    assertMel("cfm/mel_25", mel);
    assertEquals(golden.dim("cfm/mel_25", 1) * golden.dim("cfm/mel_25", 2), seen.get("cfm.step0_null").length);
  }

  @Test
  void timeEmbeddings() {
    Modulation modulation = load(backend, Precision.FP32).estimator().modulation();
    Ops ops = new Ops(backend, Taps.NONE);
    try (var _ = ops.scope()) {
      golden.assertClose("cfm/t_emb_0_2", ops.download(modulation.time().apply(ops, new float[] {0.2f})));
      golden.assertClose("cfm/t_emb2_0_2", ops.download(modulation.waveTime().apply(ops, new float[] {0.2f})));
    }
  }

  @Test
  void vectorAndScalarBackendsAgree() {
    float[] vector = generateShort(backend, load(backend, Precision.FP32), TWO_STEPS);
    try (Backend scalar = new CpuBackend(1, true)) {
      assertArrayEquals(generateShort(scalar, load(scalar, Precision.FP32), TWO_STEPS), vector, (float) golden.tolerance("cfm/mel_25"));
    }
  }

  @Test
  void skippingThePromptChangesNothing() {
    FlowMatching flow = load(backend, Precision.FP32);
    assertArrayEquals(generateShort(backend, flow, TWO_STEPS.inspected()), generateShort(backend, flow, TWO_STEPS), 1e-5f);
  }

  /** Without guidance the result is that of the conditional branch alone: one step of length 1 from the noise. */
  @Test
  void withoutGuidanceOneBranchRuns() {
    FlowMatching flow = load(backend, Precision.FP32);
    float[] mel = generate(backend, flow, FlowOptions.standard().with(Guidance.always(0f)).with(FlowSchedule.uniform(1)));
    int mels = golden.dim("cfm/z", 1);
    float[] noise = Golden.transposed(golden.floats("cfm/z"), golden.dim("cfm/z", 2));
    float[] velocity = Golden.transposed(golden.floats("cfm/step0_cond"), golden.dim("cfm/step0_cond", 2));
    int prompt = golden.dim("ref_mel/mel", 2) * mels;
    float[] expected = new float[mel.length];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = noise[prompt + i] + velocity[prompt + i];
    }
    assertArrayEquals(expected, mel, (float) golden.tolerance("cfm/step0_cond"));
  }

  @Test
  void narrowWeightsStayClose() {
    float[] exact = generateShort(backend, load(backend, Precision.FP32), TWO_STEPS);
    float[] narrow = generateShort(backend, load(backend, Precision.FP16), TWO_STEPS);
    assertArrayEquals(exact, narrow, 2e-2f * 1.7f, "the limit of half precision is 2e-2 of the mel's spread");
  }

  @Test
  void noiseOfAnotherLengthIsRefused() {
    FlowMatching flow = load(backend, Precision.FP32);
    Ops ops = new Ops(backend, Taps.NONE);
    try (var _ = ops.scope()) {
      FlowInput input = input(ops);
      assertThrows(ShapeException.class, () -> flow.generate(ops, input, new float[80], FlowOptions.standard()));
    }
  }
}
