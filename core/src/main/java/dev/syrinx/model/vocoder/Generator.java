package dev.syrinx.model.vocoder;

import dev.syrinx.backend.Linear;
import dev.syrinx.nn.Parameters;
import dev.syrinx.weights.BigVganConfig;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.WeightSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The network's matrices. The division by the number of residual blocks is folded into the next stage's upsampling; behind the last stage
 * {@link Synthesis} does it.
 *
 * @param first from mels, zero padding on both sides
 * @param last to one channel
 * @param tanh whether tanh bounds the output; otherwise it is clamped
 */
record Generator(Linear first, int mels, List<Stage> stages, SnakeActivation activation, Linear last, boolean tanh) {
  static Generator load(WeightSource source, BigVganConfig config, Parameters parameters) {
    TensorTable table = new TensorTable(source, "vocoder");
    int channels = config.initialChannels();
    StoredTensor first = table.weightNormed("conv_pre", channels, config.mels(), -1);
    Linear entry = parameters.conv(odd(first), Optional.of(table.tensor("conv_pre.bias", channels)));
    List<Stage> stages = new ArrayList<>();
    int samples = 1;
    for (int i = 0; i < config.upsampleRates().size(); i++) {
      samples *= config.upsampleRates().get(i);
      stages.add(stage(table, config, i, channels, samples, parameters));
      channels /= 2;
    }
    SnakeActivation activation = SnakeActivation.load(table.under("activation_post"), channels, config.logScale(), parameters);
    StoredTensor last = table.weightNormed("conv_post", 1, channels, -1);
    Optional<StoredTensor> bias = config.biasAtFinal() ? Optional.of(table.tensor("conv_post.bias", 1)) : Optional.empty();
    Linear exit = parameters.conv(odd(last), bias);
    Generator made = new Generator(entry, config.mels(), List.copyOf(stages), activation, exit, config.tanhAtFinal());
    table.finish();
    return made;
  }

  private static Stage stage(TensorTable table, BigVganConfig config, int index, int inputs, int samples, Parameters parameters) {
    int count = config.resblockKernels().size();
    float factor = index == 0 ? 1f : 1f / count;
    int width = config.upsampleKernels().get(index);
    int rate = config.upsampleRates().get(index);
    Upsampler upsampler = Upsampler.load(table.under("ups." + index + ".0"), inputs, inputs / 2, width, rate, factor, parameters);
    List<ResidualBlock> blocks = new ArrayList<>();
    for (int j = 0; j < count; j++) {
      TensorTable block = table.under("resblocks." + (index * count + j));
      int taps = config.resblockKernels().get(j);
      blocks.add(ResidualBlock.load(block, inputs / 2, taps, config.resblockDilations().get(j), samples, config.logScale(), parameters));
    }
    return new Stage(upsampler, List.copyOf(blocks));
  }

  private static StoredTensor odd(StoredTensor weight) {
    if (weight.dim(2) % 2 == 0) {
      throw new CheckpointException(
          "tensor '%s' %s: a convolution that keeps the length needs an odd width".formatted(weight.name(), weight.shape()));
    }
    return weight;
  }

  /** Samples per mel frame. */
  int samplesPerFrame() {
    return stages.stream().mapToInt(stage -> stage.upsampler().rate()).reduce(1, Math::multiplyExact);
  }

  /** Zeros on either side of the mels. */
  int entryPadding() {
    return (first.k() / mels - 1) / 2;
  }

  /** Zeros on either side before the last convolution. */
  int exitPadding() {
    return (last.k() / stages.getLast().upsampler().channels() - 1) / 2;
  }

  /** Mel frames on either side beyond which nothing reaches an output. */
  int reach() {
    double frames = entryPadding();
    double rate = 1;
    for (Stage stage : stages) {
      frames += stage.upsampler().before() / rate;
      rate *= stage.upsampler().rate();
      frames += stage.reach() / rate;
    }
    return (int) Math.ceil(frames + (SnakeActivation.REACH + exitPadding()) / rate);
  }
}
