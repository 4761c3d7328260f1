package dev.syrinx.model.speaker;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.MatrixSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * The convolution over time that halves the frame rate.
 *
 * @param product {@code [n][tap][bin][channel]}, with its normalisation
 * @param bins per frame of the input
 * @param channels per bin
 */
record Tdnn(Linear product, int bins, int channels) {
  private static final int STRIDE = 2;

  static Tdnn load(TensorTable table, int channels, Parameters parameters) {
    StoredTensor weight = table.tensor("linear.weight", -1, -1, -1);
    int bins = weight.dim(1) / channels;
    if (bins * channels != weight.dim(1) || weight.dim(2) % 2 == 0) {
      throw new CheckpointException(
          "CAM++: tensor '%s' %s does not fit a head of %d channels".formatted(weight.name(), weight.shape(), channels));
    }
    BatchNorm norm = BatchNorm.load(table.under("nonlinear.batchnorm"), weight.dim(0));
    // Stored are [n][channel][bin][tap].
    return new Tdnn(norm.after(weight.name(), MatrixSource.reversed(weight, channels, bins, weight.dim(2)), parameters), bins, channels);
  }

  /** Columns of the input. */
  int width() {
    return bins * channels;
  }

  int outputs() {
    return product.n();
  }

  /** Rows of zeros on each side of the input. */
  int padding() {
    return product.k() / width() / 2;
  }

  /** Rows of the result of so many. */
  static int frames(int t) {
    return (t + STRIDE - 1) / STRIDE;
  }

  /** {@code padded [padding + t + padding, width]} into y {@code [frames(t), outputs]}. */
  void forwardInto(Ops ops, Tensor padded, Tensor y) {
    ops.convInto(padded, product, STRIDE, 1, Activation.RELU, Optional.empty(), y);
  }
}
