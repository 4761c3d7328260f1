package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Rows;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.kernels.activation.Gate;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;

/**
 * What stands behind the transformer, with the buffers of one utterance, for the frames of the tail.
 *
 * <p>The reflection at the left edge is the reference's only if the tail begins at the first frame. Otherwise those rows are wrong, and
 * their effect ends exactly before the first kept frame.
 */
final class TailPass {
  private final Ops ops;
  private final DiffusionTransformer model;
  private final Tail tail;
  private final Frames frames;
  private final int margin;

  /** {@code [rows, layers·wave + width + mels]}: the gated units, the transformer's output, x. */
  private final Tensor joined;
  /** The residual stream of even and of odd layers, each branch with a margin at both ends. */
  private final Tensor[] padded = new Tensor[2];
  /** Rows to mirror and rows of the margins, and a 1 for each pair. */
  private final Tensor mirrors;
  private final Tensor once;
  private final Tensor gates;
  private final Tensor summed;
  private final Tensor normed;
  private final Tensor velocity;

  TailPass(Ops ops, DiffusionTransformer model, Frames frames) {
    this.ops = ops;
    this.model = model;
    this.frames = frames;
    tail = model.tail();
    margin = tail.waveNet().margin();
    if (frames.tail() <= margin) {
      throw new ShapeException("reflecting " + margin + " frames of " + frames.tail() + "; prompt and speech together are too short");
    }
    int wave = tail.waveNet().wave();
    DType factors = wave % 2 == 0 ? ops.factors(tail.joined()) : DType.F32; // rows move as words
    joined = ops.zeros(factors, frames.tailRows(), tail.joinedWidth());
    for (int i = 0; i < 2; i++) {
      padded[i] = ops.empty(factors, frames.branches() * paddedFrames(), wave);
    }
    int[] pairs = mirrors();
    mirrors = ops.uploadInts(pairs, pairs.length / 2, 2);
    int[] ones = new int[pairs.length / 2];
    Arrays.fill(ones, 1);
    once = ops.uploadInts(ones, ones.length);
    gates = ops.empty(factors, frames.tailRows(), 2 * wave);
    summed = ops.empty(frames.branches() * frames.kept(), wave);
    normed = ops.empty(factors, frames.branches() * frames.kept(), wave);
    velocity = ops.empty(frames.branches() * frames.kept(), model.mels());
  }

  private int paddedFrames() {
    return frames.tail() + 2 * margin;
  }

  /** Rows inside, each with the row of a margin that mirrors it. */
  private int[] mirrors() {
    int[] rows = new int[2 * frames.branches() * 2 * margin];
    int at = 0;
    for (int b = 0; b < frames.branches(); b++) {
      int first = b * paddedFrames() + margin;
      int last = first + frames.tail() - 1;
      for (int i = 1; i <= margin; i++) {
        rows[at++] = first + i;
        rows[at++] = first - i;
        rows[at++] = last - i;
        rows[at++] = last + i;
      }
    }
    return rows;
  }

  /** A branch's velocity {@code [kept, mels]}. */
  Tensor velocity(int branch) {
    return velocity.rows(branch * frames.kept(), (branch + 1) * frames.kept());
  }

  /**
   * Takes the state of a step.
   *
   * @param x the state {@code [target frames, mels]}
   * @return the same for each branch, in the type in which products read it best
   */
  Rows take(Tensor x) {
    int end = tail.joinedWidth();
    int count = frames.tail();
    Tensor columns = joined.cols(end - model.mels(), end);
    for (int b = 0; b < frames.branches(); b++) {
      ops.copyInto(x, columns.rows((b + 1) * count - frames.target(), (b + 1) * count)); // the prompt's rows stay zero
    }
    return frames.rows(columns.rows(count - frames.target(), frames.tailRows()), frames.target(), count);
  }

  /**
   * Computes the velocity, for the state that was taken last.
   *
   * @param u the transformer's output {@code [rows, width]}, of which the tail's rows are read
   * @param now the row of {@link Modulation}
   */
  void step(Tensor u, Tensor now) {
    int input = tail.joinedInput();
    int end = tail.joinedWidth();
    int count = frames.tail();
    for (int b = 0; b < frames.branches(); b++) {
      Tensor rows = joined.rows(b * count, (b + 1) * count);
      Tensor source = u.rows(b * frames.total() + frames.tailStart(), (b + 1) * frames.total());
      ops.rmsNormInto(source, model.modulation().norm(now, 2 * model.blocks().size()), rows.cols(input, input + model.width()));
    }
    mirrored(joined.cols(input, end), tail.entry(), Optional.empty(), padded[0]);
    for (int i = 0; i < tail.waveNet().layers().size(); i++) {
      layer(i, now);
    }
    Rows kept = frames.rows(joined.rows(frames.keep() - frames.tailStart(), frames.tailRows()), frames.kept(), count);
    ops.gemm(kept, tail.joined(), Activation.NONE, 1f, Optional.empty(), frames.rows(summed, frames.kept(), frames.kept()));
    ops.layerNormInto(summed, model.modulation().last(now), normed);
    ops.linearInto(normed, tail.output(), Activation.NONE, velocity);
  }

  private void layer(int index, Tensor now) {
    WaveNet.Layer layer = tail.waveNet().layers().get(index);
    int wave = tail.waveNet().wave();
    Tensor h = padded[index % 2];
    Tensor first = h.rows(margin - layer.left(), h.rows());
    Rows windows = new Rows(first, frames.branches(), frames.tail(), wave, paddedFrames() * wave, layer.taps(), layer.dilation() * wave);
    Tensor units = joined.cols(index * wave, (index + 1) * wave);
    ops.gated(windows, layer.convolution(), Gate.TANH, Optional.of(model.modulation().wave(now, index)), gates, units);
    layer.residual().ifPresent(mix -> mirrored(units, mix, Optional.of(h), padded[(index + 1) % 2]));
  }

  /** y = residual + x·Wᵀ + b between the margins, and its mirror there. */
  private void mirrored(Tensor x, Linear layer, Optional<Tensor> residual, Tensor y) {
    if (!ops.addMirrored(x, layer, residual, y, frames.branches(), margin)) {
      ops.gemm(tailRows(x), layer, Activation.NONE, 1f, residual.map(r -> inner(r).tensor()), inner(y));
      if (margin > 0) {
        ops.copyRows(y.words(), mirrors, once);
      }
    }
  }

  private Rows tailRows(Tensor from) {
    return frames.rows(from, frames.tail(), frames.tail());
  }

  /** The rows between the margins. */
  private Rows inner(Tensor h) {
    return frames.rows(h.rows(margin, h.rows()), frames.tail(), paddedFrames());
  }
}
