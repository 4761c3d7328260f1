package dev.syrinx.model.speaker;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Rows;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.MatrixSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * A two-dimensional convolution, 3×3 with padding 1 or 1×1 without, and its batch normalisation in one product.
 *
 * @param product {@code [n][time tap][bin tap][c]}
 * @param stride in frequency; in time it is always 1
 */
record ImageConv(Linear product, boolean wide, int stride) {
  /**
   * @param conv name of the convolution in the table, and {@code norm} of the normalisation
   * @param channels of the input
   */
  static ImageConv load(TensorTable table, String conv, String norm, int channels, int size, int stride, Parameters parameters) {
    StoredTensor weight = table.tensor(conv + ".weight", -1, channels, size, size);
    BatchNorm folded = BatchNorm.load(table.under(norm), weight.dim(0));
    // Stored are [n][c][bin][time].
    return new ImageConv(folded.after(weight.name(), MatrixSource.reversed(weight), parameters), size == 3, stride);
  }

  int outputs() {
    return product.n();
  }

  /** A buffer for the result of x. */
  PaddedImage room(Ops ops, PaddedImage x) {
    return PaddedImage.zeros(ops, x.time(), PaddedImage.strided(x.bins(), stride), outputs());
  }

  /** residual + act(conv(x)) into y, which has the residual's geometry. */
  void into(Ops ops, PaddedImage x, Activation activation, Optional<Tensor> residual, Rows y) {
    ops.gemm(wide ? x.windows(stride) : x.cells(stride), product, activation, 1f, residual, y);
  }
}
