package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Ops;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import java.util.List;

/** The flow of one utterance before its first step: what stays the same over all steps is computed, and the steps are recorded. For one run. */
public final class PreparedFlow implements AutoCloseable {
  private final Ops ops;
  private final FlowInput input;
  private final FlowOptions options;
  private final int mels;
  private final List<FlowStep> steps;
  private final Backend.Scope scope;
  private final Tensor table;
  private final FlowRun run;

  PreparedFlow(Ops ops, DiffusionTransformer estimator, FlowInput input, FlowOptions options) {
    this.ops = ops;
    this.input = input;
    this.options = options;
    mels = estimator.mels();
    steps = options.solver().steps(options.schedule(), options.guidance());
    scope = ops.scope();
    try {
      table = estimator.modulation().table(ops, options.schedule().times());
      run = new FlowRun(ops, estimator, input, options, steps);
    } catch (RuntimeException | Error e) {
      scope.close();
      throw e;
    }
  }

  /**
   * Puts the state where it begins.
   *
   * @param noise {@code [mels][total frames]}
   * @throws ShapeException if there is more or less noise
   */
  public void start(float[] noise) {
    if (noise.length != (long) mels * input.totalFrames()) {
      throw new ShapeException("noise of " + noise.length + " numbers for " + mels + " mels and " + input.totalFrames() + " frames");
    }
    ops.uploadInto(ofTarget(noise), run.x());
  }

  /**
   * Goes all steps from where {@link #start} has put the state: see {@link FlowMatching#generate}.
   *
   * @param mel receives the spectrogram {@code [frames, mels]}
   */
  public void into(Tensor mel) {
    for (int i = 0; i < steps.size(); i++) {
      run.advance(i, steps.get(i), table.rows(i, i + 1));
    }
    ops.copyInto(run.x(), mel);
  }

  /** Noise of the target frames, time-major. */
  private float[] ofTarget(float[] noise) {
    int total = input.totalFrames();
    int prompt = input.promptFrames();
    int frames = input.frames();
    int width = mels;
    float temperature = options.temperature();
    float[] x = new float[frames * width];
    for (int m = 0; m < width; m++) {
      for (int t = 0; t < frames; t++) {
        x[t * width + m] = noise[m * total + prompt + t] * temperature;
      }
    }
    return x;
  }

  @Override
  public void close() {
    run.close();
    scope.close();
  }
}
