package dev.syrinx.model.vocoder;

import dev.syrinx.backend.Linear;
import dev.syrinx.nn.Parameters;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.TensorTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Three (or as many as there are dilations) residual units of two activated convolutions, the first of which is dilated. */
record ResidualBlock(List<Unit> units, int taps) {
  /** x + second(after(first(before(x)))). */
  record Unit(SnakeActivation before, Linear first, SnakeActivation after, Linear second, int dilation) {}

  static ResidualBlock load(TensorTable table, int channels, int taps, List<Integer> dilations, boolean logScale, Parameters parameters) {
    if (taps % 2 == 0) {
      throw new CheckpointException("resblock_kernel_sizes: a width of " + taps + " does not keep the length; it must be odd");
    }
    List<Unit> units = new ArrayList<>();
    for (int i = 0; i < dilations.size(); i++) {
      units.add(
          new Unit(
              SnakeActivation.load(table.under("activations." + 2 * i), channels, logScale, parameters),
              convolution(table.under("convs1." + i), channels, taps, parameters),
              SnakeActivation.load(table.under("activations." + (2 * i + 1)), channels, logScale, parameters),
              convolution(table.under("convs2." + i), channels, taps, parameters),
              dilations.get(i)));
    }
    return new ResidualBlock(List.copyOf(units), taps);
  }

  private static Linear convolution(TensorTable table, int channels, int taps, Parameters parameters) {
    return parameters.conv(table.weightNormed("", channels, channels, taps), Optional.of(table.tensor("bias", channels)));
  }

  /** Zeros on either side that a convolution of this dilation needs. */
  int padding(int dilation) {
    return (taps - 1) / 2 * dilation;
  }

  /** The most zeros that any convolution needs. */
  int margin() {
    return units.stream().mapToInt(unit -> padding(unit.dilation())).max().orElse(0);
  }

  /** Samples on either side that reach an output. */
  int reach() {
    return units.stream().mapToInt(unit -> padding(unit.dilation()) + padding(1) + 2 * SnakeActivation.REACH).sum();
  }
}
