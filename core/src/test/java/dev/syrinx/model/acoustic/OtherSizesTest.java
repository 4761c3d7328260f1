package dev.syrinx.model.acoustic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.backend.cuda.FakeGpu;
import dev.syrinx.model.MapSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.ModelConfig;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
    FlowOptions options = FlowOptions.standard().with(FlowSchedule.of(0f, 0.375f, 1f)).with(Guidance.always(0.5f));
    assertSolved(config(heads * 6, heads, depth, 10, layers, taps, dilation), options);
  }

  /** Guidance that ends, begins, or both; each step but the first of its kind is a replay. */
  @ParameterizedTest
  @CsvSource({"EULER, 0, 1", "AB2, 0, 1", "EULER, 0, 0.5", "EULER, 0.2, 0.8", "AB2, 0, 0.6", "AB2, 0.25, 1", "AB2, 0.3, 0.6", "AB2, 0.95, 1"})
  void solversAndGuidanceInAPartOfTheTime(FlowSolver solver, float from, float to) {
    FlowSchedule schedule = FlowSchedule.of(0f, 0.125f, 0.25f, 0.375f, 0.625f, 0.75f, 0.8125f, 1f);
    assertSolved(config(12, 2, 3, 10, 2, 3, 1), FlowOptions.standard().with(schedule).with(solver).with(Guidance.always(0.7f).within(from, to)));
  }

  /** One and two branches have recordings of their own, and share the state. */
  @Test
  void graphsOfBothKinds(@TempDir Path folder) throws Exception {
    FlowSchedule schedule = FlowSchedule.of(0f, 0.125f, 0.25f, 0.375f, 0.625f, 0.75f, 0.8125f, 1f);
    FlowOptions options = FlowOptions.standard().with(schedule).with(FlowSolver.AB2).with(Guidance.always(0.7f).within(0.2f, 0.7f));
    assertSolved(config(12, 2, 3, 10, 2, 3, 1), options, FakeGpu.build(folder).open(CudaOptions.of(0).withFusion(false)));
  }

  private void assertSolved(ModelConfig.SpeechToMel config, FlowOptions options) {
    assertSolved(config, options, new CpuBackend(1, false));
  }

  /** @param made is closed */
  private void assertSolved(ModelConfig.SpeechToMel config, FlowOptions options, Backend made) {
    MapSource source = new RandomEstimator(config, 13, random).source();
    PlainEstimator plain = new PlainEstimator(source, config);
    double[][] mel = matrix(PROMPT, MELS);
    double[][] condition = matrix(PROMPT + FRAMES, CONTENT);
    double[] style = matrix(1, STYLE)[0];
    double[][] noise = matrix(PROMPT + FRAMES, MELS);
    double[][] expected = solve(plain, mel, condition, style, noise, options);
    try (Backend backend = made) {
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
      float[] wanted = flat(expected, PROMPT, PROMPT + FRAMES);
      assertArrayEquals(wanted, ops.download(flow.generate(ops, input, z, options)), 2e-5f);
      assertArrayEquals(wanted, ops.download(flow.generate(ops, input, z, options.inspected())), 2e-5f);
    }
  }

  /** Both branches always, and Adams-Bashforth as the integral of the line through two velocities. */
  private static double[][] solve(
      PlainEstimator plain, double[][] mel, double[][] condition, double[] style, double[][] noise, FlowOptions options) {
    int total = noise.length;
    FlowSchedule schedule = options.schedule();
    double[][] x = new double[total][MELS];
    double[][] prompt = new double[total][MELS];
    for (int i = 0; i < total; i++) {
      x[i] = i < PROMPT ? new double[MELS] : noise[i].clone();
      prompt[i] = i < PROMPT ? mel[i] : new double[MELS];
    }
    double[][] before = new double[total][MELS];
    boolean guided = false;
    for (int k = 0; k < schedule.steps(); k++) {
      float time = schedule.time(k);
      boolean was = guided;
      guided = time >= options.guidance().from() && time < options.guidance().to();
      double weight = guided ? options.guidance().weight() : 0;
      boolean line = options.solver() == FlowSolver.AB2 && k > 0 && was == guided;
      double[][] with = plain.velocity(x, prompt, condition, style, time);
      double[][] without = plain.velocity(x, new double[total][MELS], new double[total][CONTENT], new double[STYLE], time);
      double h = schedule.length(k);
      for (int i = PROMPT; i < total; i++) {
        for (int j = 0; j < MELS; j++) {
          double v = (1 + weight) * with[i][j] - weight * without[i][j];
          double slope = line ? (v - before[i][j]) / (time - schedule.time(k - 1)) : 0;
          x[i][j] += h * v + h * h / 2 * slope;
          before[i][j] = v;
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
