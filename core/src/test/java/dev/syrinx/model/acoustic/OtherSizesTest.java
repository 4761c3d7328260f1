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

  /** Even depths leave a skip connection unread; a wider dilation reaches further into the prompt. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1, 3, 1", "2, 2, 2, 5, 1", "4, 3, 3, 3, 2", "7, 1, 4, 1, 1", "3, 2, 2, 3, 3"})
  void twoStepsOfAnotherModel(int depth, int heads, int layers, int taps, int dilation) {
    int width = heads * 6;
    int wave = 10;
    ModelConfig.SpeechToMel config = config(width, heads, depth, wave, layers, taps, dilation);
    MapSource source = new RandomEstimator(config, 13, random).source();
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
      PlainEstimator plain, double[][] mel, double[][] condition, double[] style, double[][] noise, FlowSchedule schedule,
      double guidance) {
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
