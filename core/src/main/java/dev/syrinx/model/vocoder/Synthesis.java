package dev.syrinx.model.vocoder;

import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.tensor.Tensor;
import java.util.Optional;

/**
 * One run of the network over a piece of a spectrogram. Five buffers serve all stages: activations are written between zeros ({@code
 * padded}), where the next convolution reads its windows, and residual sums alternate.
 */
final class Synthesis {
  private final Ops ops;
  private final Generator network;
  private final int frames;

  private final Tensor signal;
  private final Tensor odd;
  private final Tensor even;
  private final Tensor padded;
  private final Tensor sum;

  /** Takes temporaries of the open scope. */
  Synthesis(Ops ops, Generator network, int frames) {
    this.ops = ops;
    this.network = network;
    this.frames = frames;
    long plain = 0;
    long upsampled = 0;
    long margined = 0;
    long summed = 0;
    int length = frames;
    for (int i = 0; i < network.stages().size(); i++) {
      Stage stage = network.stages().get(i);
      Upsampler upsampler = stage.upsampler();
      summed = Math.max(summed, (long) (upsampler.before() + length + upsampler.behind()) * (upsampler.layer().k() / upsampler.taps()));
      upsampled = Math.max(upsampled, (long) upsampler.capacity(length) * upsampler.channels());
      length *= upsampler.rate();
      plain = Math.max(plain, (long) length * upsampler.channels());
      int margin = Math.max(stage.margin(), network.exitPadding());
      margined = Math.max(margined, (length + 2L * margin) * upsampler.channels());
    }
    signal = flat(upsampled);
    odd = flat(plain);
    even = flat(plain);
    padded = flat(margined);
    sum = flat(Math.max(summed, plain));
  }

  /** Everything between the mels and the samples is in the type that the convolutions read best. */
  private Tensor flat(long elements) {
    return ops.empty(ops.factors(network.first()), Math.toIntExact(elements));
  }

  private static Tensor matrix(Tensor flat, int rows, int columns) {
    return flat.rows(0, Math.multiplyExact(rows, columns)).reshape(rows, columns);
  }

  /** Log-mel {@code [frames, mels]} to samples {@code [samples, 1]}, not yet clamped. */
  Tensor run(Tensor mel) {
    Upsampler next = network.stages().getFirst().upsampler();
    Tensor input = between(sum, next.before(), frames, next.behind(), network.first().n());
    try (var _ = ops.scope()) {
      int padding = network.entryPadding();
      Tensor entry = between(flat((frames + 2L * padding) * network.mels()), padding, frames, padding, network.mels());
      ops.copyInto(mel, entry.rows(padding, padding + frames));
      Tensor inner = input.rows(next.before(), next.before() + frames);
      ops.convInto(entry, network.first(), 1, 1, Activation.NONE, Optional.empty(), inner);
      ops.tap("bigvgan.conv_pre", inner);
    }
    int length = frames;
    Tensor output = input;
    for (int i = 0; i < network.stages().size(); i++) {
      Upsampler upsampler = network.stages().get(i).upsampler();
      Tensor x = upsampler.apply(ops, output, length, matrix(signal, upsampler.capacity(length), upsampler.channels()));
      ops.tap("bigvgan.up_" + i, x);
      length *= upsampler.rate();
      output = blocks(i, x);
    }
    return exit(output);
  }

  /** A matrix of rows between zeros, of which only the zeros are written. */
  private Tensor between(Tensor flat, int before, int rows, int behind, int columns) {
    Tensor made = matrix(flat, before + rows + behind, columns);
    if (before > 0) {
      ops.fill(made.rows(0, before), 0f);
    }
    if (behind > 0) {
      ops.fill(made.rows(before + rows, made.rows()), 0f);
    }
    return made;
  }

  /** The sum of the residual blocks' outputs, with the zeros that the next stage's upsampling needs; behind the last stage their mean. */
  private Tensor blocks(int index, Tensor x) {
    Stage stage = network.stages().get(index);
    boolean last = index == network.stages().size() - 1;
    int before = last ? 0 : network.stages().get(index + 1).upsampler().before();
    int behind = last ? 0 : network.stages().get(index + 1).upsampler().behind();
    Tensor result = between(sum, before, x.rows(), behind, x.cols());
    Tensor total = result.rows(before, before + x.rows());
    int count = stage.blocks().size();
    int margin = stage.margin();
    Tensor windows = between(padded, margin, x.rows(), margin, x.cols());
    for (int j = 0; j < count; j++) {
      Tensor spare = block(stage.blocks().get(j), x, windows, margin, j == 0 ? Optional.of(total) : Optional.empty());
      ops.tap("bigvgan.resblock_" + (index * count + j), spare);
      if (j > 0) {
        float factor = last && j == count - 1 ? 1f / count : 1f;
        ops.combineInto(factor, total, factor, spare, total);
      }
    }
    return result;
  }

  /** One residual block over x, into {@code target} or else a spare buffer, which is returned. */
  private Tensor block(ResidualBlock block, Tensor x, Tensor windows, int margin, Optional<Tensor> target) {
    Tensor inner = windows.rows(margin, margin + x.rows());
    Tensor[] buffers = {matrix(odd, x.rows(), x.cols()), matrix(even, x.rows(), x.cols())};
    Tensor h = x;
    for (int i = 0; i < block.units().size(); i++) {
      ResidualBlock.Unit unit = block.units().get(i);
      Tensor middle = buffers[(i + 1) % 2]; // the one that does not hold h
      unit.before().apply(ops, h, inner);
      unit.first().apply(ops, windows, margin, Optional.empty(), middle);
      unit.after().apply(ops, middle, inner);
      Tensor y = i == block.units().size() - 1 ? target.orElse(middle) : middle;
      unit.second().apply(ops, windows, margin, Optional.of(h), y);
      h = y;
    }
    return h;
  }

  private Tensor exit(Tensor x) {
    int padding = network.exitPadding();
    Tensor windows = between(padded, padding, x.rows(), padding, x.cols());
    network.activation().apply(ops, x, windows.rows(padding, padding + x.rows()));
    Tensor wav = ops.empty(x.rows(), 1);
    ops.convInto(windows, network.last(), 1, 1, network.tanh() ? Activation.TANH : Activation.NONE, Optional.empty(), wav);
    return wav;
  }
}
