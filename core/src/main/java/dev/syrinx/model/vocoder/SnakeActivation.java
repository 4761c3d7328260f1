package dev.syrinx.model.vocoder;

import dev.syrinx.backend.Ops;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.TensorTable;

/**
 * The anti-aliased periodic activation, its exponentials folded.
 *
 * @param frequency e^alpha {@code [c]}
 * @param reciprocal 1/(e^beta + 1e-9) {@code [c]}
 * @param up taps of the upsampling filter
 * @param down taps of the downsampling filter
 */
record SnakeActivation(Tensor frequency, Tensor reciprocal, Tensor up, Tensor down) {
  private static final double FLOOR = 1e-9;

  /** Samples on either side that reach an output: three of the upper filter around each of the lower one's. */
  static final int REACH = 6;

  /** @param logScale whether alpha and beta are stored as logarithms */
  static SnakeActivation load(TensorTable table, int channels, boolean logScale, Parameters parameters) {
    float[] frequency = table.tensor("act.alpha", channels).toFloats();
    float[] reciprocal = table.tensor("act.beta", channels).toFloats();
    for (int i = 0; i < channels; i++) {
      frequency[i] = logScale ? (float) Math.exp(frequency[i]) : frequency[i];
      reciprocal[i] = (float) (1 / ((logScale ? Math.exp(reciprocal[i]) : reciprocal[i]) + FLOOR));
    }
    return new SnakeActivation(
        parameters.tensor(frequency, channels),
        parameters.tensor(reciprocal, channels),
        parameters.tensor(table.tensor("upsample.filter", 1, 1, 12).toFloats(), 12),
        parameters.tensor(table.tensor("downsample.lowpass.filter", 1, 1, 12).toFloats(), 12));
  }

  /** x {@code [t, c]} into y {@code [t, c]}. */
  void apply(Ops ops, Tensor x, Tensor y) {
    ops.snakeInto(x, frequency, reciprocal, up, down, y);
  }
}
