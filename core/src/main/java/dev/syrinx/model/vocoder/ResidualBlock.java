package dev.syrinx.model.vocoder;

import dev.syrinx.nn.Parameters;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.TensorTable;
import java.util.ArrayList;
import java.util.List;

/** Three (or as many as there are dilations) residual units of two activated convolutions, the first of which is dilated. */
record ResidualBlock(List<Unit> units) {
  /** x + second(after(first(before(x)))). */
  record Unit(SnakeActivation before, Convolution first, SnakeActivation after, Convolution second) {}

  /** @param rate samples per mel frame */
  static ResidualBlock load(TensorTable table, int channels, int taps, List<Integer> dilations, int rate, boolean logScale, Parameters parameters) {
    if (taps % 2 == 0) {
      throw new CheckpointException("resblock_kernel_sizes: a width of " + taps + " does not keep the length; it must be odd");
    }
    List<Unit> units = new ArrayList<>();
    for (int i = 0; i < dilations.size(); i++) {
      units.add(
          new Unit(
              SnakeActivation.load(table.under("activations." + 2 * i), channels, logScale, parameters),
              convolution(table.under("convs1." + i), channels, taps, dilations.get(i), rate, parameters),
              SnakeActivation.load(table.under("activations." + (2 * i + 1)), channels, logScale, parameters),
              convolution(table.under("convs2." + i), channels, taps, 1, rate, parameters)));
    }
    return new ResidualBlock(List.copyOf(units));
  }

  private static Convolution convolution(TensorTable table, int channels, int taps, int dilation, int rate, Parameters parameters) {
    return Convolution.load(table.weightNormed("", channels, channels, taps), table.tensor("bias", channels), dilation, rate, parameters);
  }

  /** The most zeros that any convolution needs. */
  int margin() {
    return units.stream().mapToInt(unit -> Math.max(unit.first().margin(), unit.second().margin())).max().orElse(0);
  }

  /** Samples on either side that reach an output. */
  int reach() {
    return units.stream().mapToInt(unit -> unit.first().padding() + unit.second().padding() + 2 * SnakeActivation.REACH).sum();
  }
}
