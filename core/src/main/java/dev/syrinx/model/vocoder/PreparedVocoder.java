package dev.syrinx.model.vocoder;

import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.backend.Taps;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;

/**
 * The vocoder recorded for spectrograms of one length. On a device that works by itself the recording is made while the spectrogram is, and its kernels follow each other without the host.
 * Holds memory of its own until it is closed. Taps see nothing of it.
 */
public final class PreparedVocoder implements AutoCloseable {
  private final Ops ops;
  private final Replay replay;
  private Tensor mel;
  private Tensor made;

  /** Records; nothing runs. */
  PreparedVocoder(Ops ops, Generator network, int frames) {
    this.ops = ops;
    Ops silent = new Ops(ops.backend(), Taps.NONE);
    replay = ops.backend().capture(() -> {
      mel = silent.empty(frames, network.mels());
      made = new Synthesis(silent, network, frames).run(mel);
    });
    replay.ready(); // there is time: the spectrogram is being made
  }

  /**
   * Log-mel {@code [frames, mels]} to samples in [−1, 1], as {@link BigVgan#vocode}; as often as one likes.
   *
   * @throws ShapeException if the spectrogram is not of the length and the bands that this was made for
   */
  public float[] vocode(Tensor from) {
    run(from);
    return samples();
  }

  /** The same for the last time: closes this while the device works, which takes the host as long as a few kernels. */
  public float[] vocodeAndClose(Tensor from) {
    run(from);
    close(); // memory goes to who asks next in the order of the device's work, and that is after the samples were read
    return samples();
  }

  private void run(Tensor from) {
    if (from.rows() != mel.rows() || from.cols() != mel.cols()) {
      throw new ShapeException("vocoding " + from + " with a recording for " + mel);
    }
    ops.copyInto(from, mel);
    replay.run();
  }

  private float[] samples() {
    float[] wav = new float[made.rows()];
    ops.downloadInto(made, wav, 0);
    BigVgan.clamp(wav, 0, wav.length);
    return wav;
  }

  @Override
  public void close() {
    replay.close();
  }
}
