package dev.syrinx.model.vocoder;

import dev.syrinx.backend.Ops;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.BigVganConfig;
import dev.syrinx.weights.WeightSource;
import java.util.Optional;

/**
 * The vocoder. Long spectrograms are made in pieces that overlap by the network's reach, which bounds memory: samples differ from those of
 * one piece by rounding only.
 */
public final class BigVgan {
  /** Frames of a piece without its overlap: some 12 s, and about 130 MB of buffers at the official sizes. */
  private static final int PIECE = 1024;

  private final Generator network;
  private final int piece;

  private BigVgan(Generator network, int piece) {
    this.network = network;
    this.piece = piece;
  }

  /**
   * Loads the generator.
   *
   * @throws dev.syrinx.weights.CheckpointException if the tensors do not fit the configuration
   */
  public static BigVgan load(WeightSource source, BigVganConfig config, Parameters parameters) {
    return new BigVgan(Generator.load(source, config, parameters), PIECE);
  }

  /** The same weights with pieces of at most as many frames, besides their overlap. */
  public BigVgan inPieces(int frames) {
    if (frames < 1) {
      throw new IllegalArgumentException("pieces need at least 1 frame, got " + frames);
    }
    return new BigVgan(network, frames);
  }

  /** Samples per mel frame. */
  public int samplesPerFrame() {
    return network.samplesPerFrame();
  }

  /** Mel frames on either side of a frame that can change its samples: how much context a caller who streams has to give. */
  public int reach() {
    return network.reach();
  }

  /**
   * Log-mel {@code [frames, mels]} to samples in [−1, 1]. Taps of every piece: {@code bigvgan.conv_pre}, {@code bigvgan.up_N}, {@code
   * bigvgan.resblock_N}.
   *
   * @throws ShapeException if the mel bands are not the network's
   */
  public float[] vocode(Ops ops, Tensor mel) {
    if (mel.cols() != network.mels()) {
      throw new ShapeException("vocoding " + mel + " with a network of " + network.mels() + " mels");
    }
    int frames = mel.rows();
    float[] wav = new float[Math.multiplyExact(frames, samplesPerFrame())];
    int pieces = Math.max(1, (frames + piece - 1) / piece);
    for (int i = 0; i < pieces && frames > 0; i++) {
      piece(ops, mel, (int) ((long) frames * i / pieces), (int) ((long) frames * (i + 1) / pieces), wav);
    }
    return wav;
  }

  /**
   * Gets ready for a spectrogram of so many frames, so that vocoding it takes a device no longer than the kernels do. Memory is that of one piece.
   *
   * @return nothing if such a spectrogram is made in several pieces, or of none: use {@link #vocode}
   */
  public Optional<PreparedVocoder> prepare(Ops ops, int frames) {
    return frames < 1 || frames > piece ? Optional.empty() : Optional.of(new PreparedVocoder(ops, network, frames));
  }

  private void piece(Ops ops, Tensor mel, int from, int to, float[] wav) {
    int start = Math.max(0, from - reach());
    int end = Math.min(mel.rows(), to + reach());
    try (var _ = ops.scope()) {
      Tensor made = new Synthesis(ops, network, end - start).run(mel.rows(start, end));
      int hop = samplesPerFrame();
      ops.downloadInto(made.rows((from - start) * hop, (to - start) * hop), wav, from * hop);
      clamp(wav, from * hop, to * hop);
    }
  }

  static void clamp(float[] wav, int from, int to) {
    for (int i = from; i < to; i++) {
      wav[i] = Math.min(Math.max(wav[i], -1f), 1f); // unlike Math.clamp, this becomes vectors
    }
  }
}
