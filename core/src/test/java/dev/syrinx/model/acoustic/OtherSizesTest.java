package dev.syrinx.model.acoustic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.model.MapSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.ModelConfig;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Estimators of other depths and widths than the reference models', against a plain implementation in double. */
class OtherSizesTest {
  private static final int MELS = 7;
  private static final int CONTENT = 5;
  private static final int STYLE = 3;
  private static final int PROMPT = 19;
  private static final int FRAMES = 9;
  private final Random random = new Random(11);
  private final MapSource source = new MapSource();

  /** Even depths leave a skip connection unread; a wider dilation reaches further into the prompt. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1, 3, 1", "2, 2, 2, 5, 1", "4, 3, 3, 3, 2", "7, 1, 4, 1, 1", "3, 2, 2, 3, 3"})
  void twoStepsOfAnotherModel(int depth, int heads, int layers, int taps, int dilation) {
    int width = heads * 6;
    int wave = 10;
    ModelConfig.SpeechToMel config = config(width, heads, depth, wave, layers, taps, dilation);
    weights(config);
    PlainEstimator plain = new PlainEstimator(source, config);
    double[][] mel = matrix(PROMPT, MELS);
    double[][] condition = matrix(PROMPT + FRAMES, CONTENT);
    double[] style = matrix(1, STYLE)[0];
    double[][] noise = matrix(PROMPT + FRAMES, MELS);
    FlowSchedule schedule = FlowSchedule.of(0f, 0.375f, 1f);
    double[][] expected = solve(plain, mel, condition, style, noise, schedule, 0.5);
    try (Backend backend = new CpuBackend(1, false)) {
      FlowMatching flow = FlowMatching.load(source, config, new Parameters(backend, Precision.FP32));
      Ops ops = new Ops(backend, Taps.NONE);
      FlowInput input =
          new FlowInput(
              upload(ops, mel, 0, PROMPT), upload(ops, condition, 0, PROMPT), upload(ops, condition, PROMPT, PROMPT + FRAMES),
              upload(ops, new double[][] {style}, 0, 1));
      float[] z = new float[MELS * noise.length];
      for (int i = 0; i < z.length; i++) {
        z[i] = (float) noise[i % noise.length][i / noise.length];
      }
      FlowOptions options = new FlowOptions(schedule, 0.5f, 1f, false);
      float[] wanted = flat(expected, PROMPT, PROMPT + FRAMES);
      assertArrayEquals(wanted, ops.download(flow.generate(ops, input, z, options)), 2e-5f);
      assertArrayEquals(wanted, ops.download(flow.generate(ops, input, z, options.inspected())), 2e-5f);
    }
  }

  private static double[][] solve(
      PlainEstimator plain, double[][] mel, double[][] condition, double[] style, double[][] noise, FlowSchedule schedule, double guidance) {
    int total = noise.length;
    double[][] x = new double[total][MELS];
    double[][] prompt = new double[total][MELS];
    for (int i = 0; i < total; i++) {
      x[i] = i < PROMPT ? new double[MELS] : noise[i].clone();
      prompt[i] = i < PROMPT ? mel[i] : new double[MELS];
    }
    for (int k = 0; k < schedule.steps(); k++) {
      double[][] with = plain.velocity(x, prompt, condition, style, schedule.time(k));
      double[][] without = plain.velocity(x, new double[total][MELS], new double[total][CONTENT], new double[STYLE], schedule.time(k));
      for (int i = PROMPT; i < total; i++) {
        for (int j = 0; j < MELS; j++) {
          x[i][j] += schedule.length(k) * ((1 + guidance) * with[i][j] - guidance * without[i][j]);
        }
      }
    }
    return x;
  }

  private static ModelConfig.SpeechToMel config(int width, int heads, int depth, int wave, int layers, int taps, int dilation) {
    return new ModelConfig.SpeechToMel(
        new ModelConfig.Spectrogram(22050, 1024, 1024, 256, MELS, 0, Optional.empty()),
        new ModelConfig.LengthRegulator(CONTENT, CONTENT, 1),
        new ModelConfig.Transformer(width, heads, depth, MELS, CONTENT),
        new ModelConfig.Wavenet(wave, layers, taps, dilation),
        STYLE);
  }

  private void weights(ModelConfig.SpeechToMel config) {
    int width = config.transformer().hiddenDim();
    ModelConfig.Wavenet shape = config.wavenet();
    int wave = shape.hiddenDim();
    linear("cond_projection", true, width, CONTENT);
    linear("cond_x_merge_linear", true, width, 2 * MELS + width + STYLE);
    embedder("t_embedder", width);
    embedder("t_embedder2", wave);
    for (int i = 0; i < config.transformer().depth(); i++) {
      block("transformer.layers." + i + ".", width);
    }
    norm("transformer.norm", width);
    linear("skip_linear", true, width, width + MELS);
    linear("conv1", true, wave, width);
    linear("res_projection", true, wave, width);
    linear("wavenet.cond_layer.conv.conv", true, 2 * wave * shape.layers(), wave, 1);
    for (int i = 0; i < shape.layers(); i++) {
      linear("wavenet.in_layers." + i + ".conv.conv", true, 2 * wave, wave, shape.kernelSize());
      linear("wavenet.res_skip_layers." + i + ".conv.conv", true, i == shape.layers() - 1 ? wave : 2 * wave, wave, 1);
    }
    linear("final_layer.adaLN_modulation.1", true, 2 * wave, width);
    linear("final_layer.linear", true, wave, wave);
    linear("conv2", true, MELS, wave, 1);
    linear("x_embedder", true, width, MELS);
  }

  private void block(String layer, int width) {
    norm(layer + "attention_norm", width);
    norm(layer + "ffn_norm", width);
    linear(layer + "attention.wqkv", false, 3 * width, width);
    linear(layer + "attention.wo", false, width, width);
    linear(layer + "feed_forward.w1", false, 13, width);
    linear(layer + "feed_forward.w3", false, 13, width);
    linear(layer + "feed_forward.w2", false, width, 13);
    linear(layer + "skip_in_linear", true, width, 2 * width);
  }

  private void norm(String name, int width) {
    source.with("estimator." + name + ".norm.weight", floats(width, 1), width);
    linear(name + ".project_layer", true, 2 * width, width);
  }

  private void embedder(String name, int width) {
    source.with("estimator." + name + ".freqs", new float[] {0.01f, 0.002f, 0.0003f, 0.0001f}, 4);
    linear(name + ".mlp.0", true, width, 8);
    linear(name + ".mlp.2", true, width, width);
  }

  private void linear(String name, boolean bias, int... shape) {
    int inputs = shape[1] * (shape.length > 2 ? shape[2] : 1);
    source.with("estimator." + name + ".weight", floats(shape[0] * inputs, (float) (1.7 / Math.sqrt(inputs))), shape);
    if (bias) {
      source.with("estimator." + name + ".bias", floats(shape[0], 0.5f), shape[0]);
    }
  }

  private float[] floats(int count, float scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = scale * (random.nextFloat() * 2 - 1);
    }
    return values;
  }

  private double[][] matrix(int rows, int columns) {
    double[][] made = new double[rows][columns];
    for (double[] row : made) {
      java.util.Arrays.setAll(row, i -> (float) random.nextGaussian());
    }
    return made;
  }

  private static Tensor upload(Ops ops, double[][] x, int from, int to) {
    return ops.upload(flat(x, from, to), to - from, x[0].length);
  }

  private static float[] flat(double[][] x, int from, int to) {
    int width = x[0].length;
    float[] y = new float[(to - from) * width];
    for (int i = 0; i < y.length; i++) {
      y[i] = (float) x[from + i / width][i % width];
    }
    return y;
  }
}
