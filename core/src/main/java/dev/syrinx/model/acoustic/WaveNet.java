package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Linear;
import dev.syrinx.nn.Parameters;
import dev.syrinx.weights.ModelConfig;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The WaveNet behind the transformer. Its output is a sum over the layers of one matrix each, that is one matrix over all layers' gated
 * units side by side; {@link Tail} has it, joined with what else is added there.
 *
 * @param wave channels
 */
record WaveNet(List<Layer> layers, int wave) {
  /**
   * One layer.
   *
   * @param convolution {@code [2·wave, taps·wave]}
   * @param left frames of reflection before the first
   * @param right frames of reflection behind the last
   * @param residual {@code [wave, wave]}; the last layer has none
   */
  record Layer(Linear convolution, int taps, int dilation, int left, int right, Optional<Linear> residual) {}

  /**
   * @param joined a row-major matrix of {@code joinedWidth} columns, whose first layers·wave columns receive the skip outputs' matrices
   * @param joinedBias the skip outputs' biases are added to it
   */
  static WaveNet load(
      TensorTable table, ModelConfig.Wavenet config, float[] joined, int joinedWidth, float[] joinedBias, Parameters parameters) {
    int wave = config.hiddenDim();
    List<Layer> layers = new ArrayList<>();
    int dilation = 1;
    for (int i = 0; i < config.layers(); i++) {
      String name = "res_skip_layers." + i + ".conv.conv";
      int from = i == config.layers() - 1 ? 0 : wave; // residual first; the last layer has skip outputs only
      float[] mixed = table.weightNormed(name, from + wave, wave, 1).toFloats();
      float[] bias = table.tensor(name + ".bias", from + wave).toFloats();
      Acoustic.setColumns(joined, joinedWidth, i * wave, Arrays.copyOfRange(mixed, from * wave, mixed.length));
      for (int j = 0; j < wave; j++) {
        joinedBias[j] += bias[from + j];
      }
      Optional<Linear> residual = Optional.empty();
      if (from > 0) {
        float[] rows = Arrays.copyOf(mixed, wave * wave);
        residual = Optional.of(parameters.linear(name, rows, wave, wave, Optional.of(Arrays.copyOf(bias, wave))));
      }
      layers.add(layer(table, i, config, dilation, residual, parameters));
      dilation = Math.multiplyExact(dilation, config.dilationRate());
    }
    return new WaveNet(List.copyOf(layers), wave);
  }

  private static Layer layer(
      TensorTable table, int index, ModelConfig.Wavenet config, int dilation, Optional<Linear> residual, Parameters parameters) {
    int wave = config.hiddenDim();
    int taps = config.kernelSize();
    String name = "in_layers." + index + ".conv.conv";
    StoredTensor weight = table.weightNormed(name, 2 * wave, wave, taps);
    Linear convolution = parameters.conv(weight, Optional.of(table.tensor(name + ".bias", 2 * wave)));
    int padding = (taps - 1) * dilation;
    return new Layer(convolution, taps, dilation, padding - padding / 2, padding / 2, residual);
  }

  /** Frames before a frame whose values reach its output. */
  int reach() {
    return layers.stream().mapToInt(Layer::left).sum();
  }

  /** The widest padding at either end. */
  int margin() {
    return layers.stream().mapToInt(layer -> Math.max(layer.left(), layer.right())).max().orElse(0);
  }
}
