package dev.syrinx.model.semantic;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * One half of a conformer's macaron (Gulati et al. 2020, section 2.4): a feed-forward module that counts half.
 *
 * @param up {@code [intermediate, hidden]}
 * @param down {@code [hidden, intermediate]}
 */
record FeedForward(Norm norm, Linear up, Linear down) {
  /** @param name of the module in the layer, such as "ffn1" */
  static FeedForward load(TensorTable layer, String name, int hidden, float eps, Parameters parameters) {
    TensorTable module = layer.under(name);
    var up = module.tensor("intermediate_dense.weight", -1, hidden);
    int intermediate = up.dim(0);
    return new FeedForward(
        W2vBertLayer.norm(layer, name + "_layer_norm", hidden, eps, parameters),
        parameters.linear(up, Optional.of(module.tensor("intermediate_dense.bias", intermediate))),
        parameters.linear(
            module.tensor("output_dense.weight", hidden, intermediate), Optional.of(module.tensor("output_dense.bias", hidden))));
  }

  /** x + ½·down(silu(up(norm(x)))); x {@code [t, hidden]}. */
  Tensor forward(Ops ops, Tensor x) {
    Tensor normed = ops.input(up, x.rows());
    ops.layerNormInto(x, norm, normed);
    Tensor units = ops.input(down, x.rows());
    ops.linearInto(normed, up, Activation.SILU, units);
    return ops.linearAdd(units, down, 0.5f, x);
  }
}
