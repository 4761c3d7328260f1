package dev.syrinx.model.semantic;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.MatrixSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * A ConvNeXt block over time (Liu et al. 2022, as in Vocos): depthwise convolution, norm, and a feed-forward part whose layer scale is
 * folded into its last matrix.
 *
 * @param depthwise {@code [taps, c]}
 * @param up {@code [intermediate, c]}
 * @param down {@code [c, intermediate]}, times the layer scale
 */
record ConvNextBlock(Tensor depthwise, Tensor depthwiseBias, Norm norm, Linear up, Linear down) {
  static ConvNextBlock load(TensorTable block, int channels, float eps, Parameters parameters) {
    StoredTensor up = block.tensor("pwconv1.weight", -1, channels);
    int intermediate = up.dim(0);
    return new ConvNextBlock(
        parameters.depthwise(block.tensor("dwconv.weight", channels, 1, -1)),
        parameters.tensor(block.tensor("dwconv.bias", channels)),
        parameters.norm(block.tensor("norm.weight", channels), block.tensor("norm.bias", channels), eps),
        parameters.linear(up, Optional.of(block.tensor("pwconv1.bias", intermediate))),
        scaled(
            block.tensor("pwconv2.weight", channels, intermediate), block.tensor("pwconv2.bias", channels),
            block.tensor("gamma", channels), parameters));
  }

  /** gamma·(W·x + b) as one linear layer. */
  private static Linear scaled(StoredTensor weight, StoredTensor bias, StoredTensor gamma, Parameters parameters) {
    float[] b = bias.toFloats();
    float[] factor = gamma.toFloats();
    for (int j = 0; j < factor.length; j++) {
      b[j] *= factor[j];
    }
    return parameters.linear(weight.name(), MatrixSource.of(weight).scaled(factor), Optional.of(b));
  }

  /** Replaces x {@code [t, c]} by x + block(x). Not causal: zeros stand on both sides. */
  Tensor forward(Ops ops, Tensor x) {
    Tensor local = ops.depthwise(x, depthwise, Optional.of(depthwiseBias), depthwise.rows() / 2, x.rows());
    return ops.linearAdd(ops.linear(ops.layerNorm(local, norm), up, Activation.GELU_ERF), down, 1f, x);
  }
}
