package dev.syrinx.model.semantic;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.kernels.activation.Gate;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * A conformer's convolution module, causal: the depthwise convolution sees only the past. None of its convolutions has a bias.
 *
 * @param expand {@code [2·hidden, hidden]}, the gate in the second half
 * @param depthwise {@code [taps, hidden]}
 * @param depthwiseNorm over channels
 */
record ConvolutionModule(Norm norm, Linear expand, Tensor depthwise, Norm depthwiseNorm, Linear out) {
  static ConvolutionModule load(TensorTable layer, int hidden, float eps, Parameters parameters) {
    TensorTable module = layer.under("conv_module");
    return new ConvolutionModule(
        W2vBertLayer.norm(module, "layer_norm", hidden, eps, parameters),
        parameters.linear(module.tensor("pointwise_conv1.weight", 2 * hidden, hidden, 1), Optional.empty()),
        parameters.depthwise(module.tensor("depthwise_conv.weight", hidden, 1, -1)),
        W2vBertLayer.norm(module, "depthwise_layer_norm", hidden, eps, parameters),
        parameters.linear(module.tensor("pointwise_conv2.weight", hidden, hidden, 1), Optional.empty()));
  }

  /** x + module(x); x {@code [t, hidden]}; masked rows go in as zeros. */
  Tensor forward(Ops ops, Tensor x, int valid) {
    Tensor normed = ops.input(expand, x.rows());
    ops.layerNormInto(x, norm, normed);
    W2vBert.clear(ops, normed, valid);
    Tensor gated = ops.gate(ops.linear(normed, expand), Gate.GLU);
    Tensor mixed = ops.layerNorm(ops.depthwise(gated, depthwise, Optional.empty(), depthwise.rows() - 1, x.rows()), depthwiseNorm);
    Tensor activated = ops.input(out, x.rows());
    ops.pointwiseInto(mixed, Optional.empty(), Optional.empty(), Activation.SILU, activated);
    return ops.linearAdd(activated, out, 1f, x);
  }
}
