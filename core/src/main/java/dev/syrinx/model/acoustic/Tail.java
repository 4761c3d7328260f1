package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Linear;
import dev.syrinx.nn.Parameters;
import dev.syrinx.weights.ModelConfig;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * The matrices behind the transformer. Linear layers that follow each other without anything between are folded into one: the long skip
 * into the two that read it, the last layer into the projection to mels.
 *
 * @param entry from {@code [transformer output | x]} to the WaveNet's input
 * @param joined from {@code [gated units of all layers | transformer output | x]} to the input of the last norm
 * @param output to the velocity {@code [mels, wave]}
 */
record Tail(Linear entry, WaveNet waveNet, Linear joined, Linear output) {
  static Tail load(TensorTable table, int width, int mels, ModelConfig.Wavenet config, Parameters parameters) {
    int wave = config.hiddenDim();
    int inputs = width + mels;
    float[] skip = table.tensor("skip_linear.weight", width, inputs).toFloats();
    float[] skipBias = table.tensor("skip_linear.bias", width).toFloats();
    Linear entry = after("conv1", table, wave, width, skip, skipBias, parameters);

    int units = config.layers() * wave;
    float[] joined = new float[wave * (units + inputs)];
    float[] beside = table.tensor("res_projection.weight", wave, width).toFloats();
    Acoustic.setColumns(joined, units + inputs, units, Acoustic.product(beside, skip, width));
    float[] bias = Acoustic.sum(Acoustic.product(beside, skipBias, width), table.tensor("res_projection.bias", wave).toFloats());
    WaveNet waveNet = WaveNet.load(table.under("wavenet"), config, joined, units + inputs, bias, parameters);
    Linear output = parameters.linear("wavenet output", joined, wave, units + inputs, Optional.of(bias));
    return new Tail(entry, waveNet, output, velocity(table, mels, wave, parameters));
  }

  private static Linear velocity(TensorTable table, int mels, int wave, Parameters parameters) {
    float[] last = table.weightNormed("final_layer.linear", wave, wave).toFloats();
    float[] bias = table.tensor("final_layer.linear.bias", wave).toFloats();
    float[] mel = table.tensor("conv2.weight", mels, wave, 1).toFloats();
    float[] melBias = Acoustic.sum(Acoustic.product(mel, bias, wave), table.tensor("conv2.bias", mels).toFloats());
    return parameters.linear("velocity", Acoustic.product(mel, last, wave), mels, wave, Optional.of(melBias));
  }

  /** The layer of that name applied to the output of the long skip. */
  private static Linear after(String name, TensorTable table, int n, int width, float[] skip, float[] skipBias, Parameters parameters) {
    float[] weight = table.tensor(name + ".weight", n, width).toFloats();
    float[] bias = Acoustic.sum(Acoustic.product(weight, skipBias, width), table.tensor(name + ".bias", n).toFloats());
    return parameters.linear(name, Acoustic.product(weight, skip, width), n, skip.length / width, Optional.of(bias));
  }

  /** Columns of {@link #joined}'s input. */
  int joinedWidth() {
    return joined.k();
  }

  /** The column of it where the transformer's output begins. */
  int joinedInput() {
    return waveNet.layers().size() * waveNet.wave();
  }
}
