package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Ops;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.ModelConfig;
import dev.syrinx.weights.WeightSource;

/**
 * Conditional flow matching (Lipman et al. 2023): steps from noise to a log-mel spectrogram, with classifier-free guidance.
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
    Tensor mel = ops.empty(input.frames(), mels());
    try (PreparedFlow ready = prepare(ops, input, options)) {
      ready.start(noise);
      ready.into(mel);
    }
    return mel;
  }

  /**
   * Gets ready to make a spectrogram: all but the steps, which a device may be told while it is busy with what comes before them.
   *
   * @return temporaries of a scope of its own, which closing it ends; nothing that was made in an open scope since then outlives it
   */
  public PreparedFlow prepare(Ops ops, FlowInput input, FlowOptions options) {
    check(input);
    return new PreparedFlow(ops, estimator, input, options);
  }

  private void check(FlowInput input) {
    int content = estimator.merge().condition().k();
    int style = estimator.merge().style().k();
    boolean styled = input.style().rows() == 1 && input.style().cols() == style;
    if (input.promptMel().cols() != mels() || input.condition().cols() != content || !styled) {
      throw new ShapeException(
          "flow of %d mels, %d condition channels and a style of %d from %s, %s and %s"
              .formatted(mels(), content, style, input.promptMel(), input.condition(), input.style()));
    }
  }
}
