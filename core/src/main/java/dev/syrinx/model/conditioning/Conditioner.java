package dev.syrinx.model.conditioning;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * What the text decoder hears of its prompts: latents of the speaker, and one vector of the emotion. Features are those of the semantic
 * encoder, normalised, {@code [t, width]} at 50 frames a second. Results depend on the prompts alone: compute them once per prompt.
 */
public final class Conditioner {
  /**
   * The length that the official pipeline passes for every recording. It is its feature width, not a number of frames: frames beyond it are
   * masked, and prompts of up to 15 s never reach it.
   */
  public static final int OFFICIAL_LENGTH = 1024;

  private final ConformerEncoder speakerEncoder;
  private final PerceiverResampler speakerResampler;
  private final ConformerEncoder emotionEncoder;
  private final PerceiverResampler emotionResampler;
  private final Linear emovec;
  private final Linear emotion;

  private Conditioner(TensorTable table, Parameters parameters) {
    speakerEncoder = ConformerEncoder.load(table.under("conditioning_encoder"), parameters);
    speakerResampler = resampler(table.under("perceiver_encoder"), speakerEncoder, parameters);
    emotionEncoder = ConformerEncoder.load(table.under("emo_conditioning_encoder"), parameters);
    emotionResampler = resampler(table.under("emo_perceiver_encoder"), emotionEncoder, parameters);
    int width = speakerResampler.width();
    emovec = parameters.linear(
        table.tensor("emovec_layer.weight", width, emotionResampler.width()), Optional.of(table.tensor("emovec_layer.bias", width)));
    emotion = parameters.linear(table.tensor("emo_layer.weight", width, width), Optional.of(table.tensor("emo_layer.bias", width)));
  }

  /** Reads the conditioning parts of {@code gpt.pth}; the caller finishes the table. */
  public static Conditioner load(TensorTable table, Parameters parameters) {
    return new Conditioner(table, parameters);
  }

  private static PerceiverResampler resampler(TensorTable table, ConformerEncoder encoder, Parameters parameters) {
    return PerceiverResampler.load(table, encoder.width(), encoder.blocks().getFirst().attention().heads(), parameters);
  }

  /** Width of a latent and of an emotion vector: the decoder's. */
  public int width() {
    return speakerResampler.width();
  }

  /** Blocks of the conformer that hears the speaker. */
  public int speakerBlocks() {
    return speakerEncoder.blocks().size();
  }

  /** Blocks of the conformer that hears the emotion. */
  public int emotionBlocks() {
    return emotionEncoder.blocks().size();
  }

  /** Number of speaker latents. */
  public int latents() {
    return speakerResampler.count();
  }

  /** The speaker of a recording: features {@code [t, width]} to {@code [latents, d]}. */
  public Tensor speaker(Ops ops, Tensor features) {
    return speaker(ops, features, OFFICIAL_LENGTH);
  }

  /** The same with frames from {@code length} on masked. */
  public Tensor speaker(Ops ops, Tensor features, int length) {
    int valid = valid(features, length);
    Tensor y = ops.empty(latents(), width());
    try (var _ = ops.scope()) {
      Tensor frames = speakerEncoder.forward(ops, features, valid, "conditioning.spk_");
      ops.copyInto(speakerResampler.forward(ops, frames.rows(0, valid)), y);
    }
    ops.tap("conditioning.spk_latents", y);
    return y;
  }

  /** The emotion of a recording: features {@code [t, width]} to {@code [1, d]}. */
  public Tensor emotion(Ops ops, Tensor features) {
    return emotion(ops, features, OFFICIAL_LENGTH);
  }

  /** The same with frames from {@code length} on masked. */
  public Tensor emotion(Ops ops, Tensor features, int length) {
    int valid = valid(features, length);
    Tensor y = ops.empty(1, width());
    try (var _ = ops.scope()) {
      Tensor frames = emotionEncoder.forward(ops, features, valid, "conditioning.emo_");
      Tensor perceived = emotionResampler.forward(ops, frames.rows(0, valid));
      ops.tap("conditioning.emo_perceiver", perceived);
      ops.linearInto(ops.linear(perceived, emovec), emotion, Activation.NONE, y);
    }
    ops.tap("conditioning.emo_vec", y);
    return y;
  }

  /** base + alpha·(target − base), each {@code [1, d]}. With alpha 1 this is target up to rounding, as in the reference. */
  public Tensor merge(Ops ops, Tensor base, Tensor target, float alpha) {
    return ops.combine(1f, base, alpha, ops.combine(1f, target, -1f, base));
  }

  private static int valid(Tensor features, int length) {
    if (features.rows() < 3 || length < 3) {
      throw new ShapeException("conditioning on " + features.rows() + " frames of features, of which " + length
          + " may count: at least 3 are needed (60 ms of audio); use a longer recording");
    }
    return Math.min(Subsampling.frames(features.rows()), Subsampling.validFrames(length));
  }
}
