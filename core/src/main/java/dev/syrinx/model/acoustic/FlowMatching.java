package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.ModelConfig;
import dev.syrinx.weights.WeightSource;

/**
 * Conditional flow matching (Lipman et al. 2023): Euler steps from noise to a log-mel spectrogram, with classifier-free guidance.
 *
 * <p>The state and its updates stay in float32 whatever the storage type of the weights is.
 */
public final class FlowMatching {
  private final DiffusionTransformer estimator;

  private FlowMatching(DiffusionTransformer estimator) {
    this.estimator = estimator;
  }

  /**
   * Loads {@code cfm}.
   *
   * @throws dev.syrinx.weights.CheckpointException if the tensors do not fit the configuration
   */
  public static FlowMatching load(WeightSource source, ModelConfig.SpeechToMel config, Parameters parameters) {
    return new FlowMatching(DiffusionTransformer.load(source, config, parameters));
  }

  /** Mel bands. */
  public int mels() {
    return estimator.mels();
  }

  DiffusionTransformer estimator() {
    return estimator;
  }

  /** The embedding of times {@code [n]} that drives the transformer, {@code [n, width]}; part of the tables that are made at load. */
  public Tensor timeEmbedding(Ops ops, float[] times) {
    return estimator.modulation().time().apply(ops, times);
  }

  /** The embedding that drives the WaveNet. */
  public Tensor waveTimeEmbedding(Ops ops, float[] times) {
    return estimator.modulation().waveTime().apply(ops, times);
  }

  /**
   * Makes a spectrogram. Taps: {@code cfm.step0_cond} and {@code cfm.step0_null} (only the target frames unless inspected), {@code
   * cfm.x_after_N} for every step.
   *
   * @param noise standard normal numbers of the reference's shape {@code [mels][total frames]}; those of the prompt's frames are drawn,
   *     but not used
   * @return log-mel {@code [frames, mels]} without the prompt, a temporary of the open scope
   */
  public Tensor generate(Ops ops, FlowInput input, float[] noise, FlowOptions options) {
    check(input, noise);
    Tensor mel = ops.empty(input.frames(), mels());
    try (var _ = ops.scope()) {
      int branches = options.guidance() == 0f ? 1 : 2;
      Frames frames = Frames.of(branches, input, estimator.tail().waveNet().reach(), options.inspect());
      FlowSchedule schedule = options.schedule();
      Tensor table = estimator.modulation().table(ops, schedule.times());
      EstimatorPass pass = new EstimatorPass(ops, estimator, input, frames);
      ops.uploadInto(start(noise, input, options.temperature()), pass.x());
      Solver solver = new Solver(ops, pass, table, ops.empty(input.frames(), mels()), options, frames);
      solver.advance(0, pass::step); // a device is busy with it while the host records the others
      if (options.inspect()) {
        solver.advance(1, schedule.steps(), pass::step);
      } else if (schedule.steps() > 1) {
        try (Replay replay = ops.backend().capture(pass::step)) {
          solver.advance(1, schedule.steps(), replay::run);
        }
      }
      ops.copyInto(pass.x(), mel);
    }
    return mel;
  }

  private void check(FlowInput input, float[] noise) {
    if (noise.length != (long) mels() * input.totalFrames()) {
      throw new ShapeException("noise of " + noise.length + " numbers for " + mels() + " mels and " + input.totalFrames() + " frames");
    }
    int content = estimator.merge().condition().k();
    int style = estimator.merge().style().k();
    boolean styled = input.style().rows() == 1 && input.style().cols() == style;
    if (input.promptMel().cols() != mels() || input.condition().cols() != content || !styled) {
      throw new ShapeException(
          "flow of %d mels, %d condition channels and a style of %d from %s, %s and %s"
              .formatted(mels(), content, style, input.promptMel(), input.condition(), input.style()));
    }
  }

  /** Noise of the target frames, time-major. */
  private float[] start(float[] noise, FlowInput input, float temperature) {
    int total = input.totalFrames();
    float[] x = new float[input.frames() * mels()];
    for (int t = 0; t < input.frames(); t++) {
      for (int m = 0; m < mels(); m++) {
        x[t * mels() + m] = noise[m * total + input.promptFrames() + t] * temperature;
      }
    }
    return x;
  }

  /** Steps of Euler's method. */
  private record Solver(Ops ops, EstimatorPass pass, Tensor table, Tensor guided, FlowOptions options, Frames frames) {
    void advance(int from, int to, Runnable evaluate) {
      for (int i = from; i < to; i++) {
        advance(i, evaluate);
      }
    }

    void advance(int i, Runnable evaluate) {
      ops.copyInto(table.rows(i, i + 1), pass.now());
      evaluate.run();
      int from = frames.kept() - frames.target();
      Tensor velocity = pass.velocity(0).rows(from, frames.kept());
      if (i == 0) {
        ops.tap("cfm.step0_cond", pass.velocity(0));
      }
      if (frames.branches() == 2) {
        if (i == 0) {
          ops.tap("cfm.step0_null", pass.velocity(1));
        }
        float weight = options.guidance();
        ops.combineInto(1f + weight, velocity, -weight, pass.velocity(1).rows(from, frames.kept()), guided);
        velocity = guided;
      }
      ops.combineInto(1f, pass.x(), options.schedule().length(i), velocity, pass.x());
      ops.tap("cfm.x_after_" + (i + 1), pass.x());
    }
  }
}
