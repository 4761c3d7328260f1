package dev.syrinx.model.speaker;

import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Rows;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Linear;
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
    return new ImageConv(folded.after(weight.name(), timeMajor(weight), parameters), size == 3, stride);
  }

  /** Stored are {@code [n][c][bin][time]}. */
  private static float[] timeMajor(StoredTensor weight) {
    float[] stored = weight.toFloats();
    float[] rows = new float[stored.length];
    int channels = weight.dim(1);
    int bins = weight.dim(2);
    int times = weight.dim(3);
    int k = channels * bins * times;
    for (int i = 0; i < stored.length; i++) {
      int time = i % times;
      int bin = i / times % bins;
      int channel = i / (times * bins) % channels;
      rows[i / k * k + (time * bins + bin) * channels + channel] = stored[i];
    }
    return rows;
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
