package dev.syrinx.model.conditioning;

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
 * A conformer block (Gulati et al. 2020) of the order attention, convolution, feed-forward, norm; without the half-step feed-forward in
 * front.
 */
record ConformerBlock(
    Norm attentionNorm, PositionAttention attention, Norm convNorm, Linear expand, Tensor depthwise, Tensor depthwiseBias, Norm innerNorm,
    Linear project, Norm feedNorm, Linear up, Linear down, Norm finalNorm) {
  static final float EPS = 1e-5f;

  static ConformerBlock load(TensorTable block, int d, Parameters parameters) {
    TensorTable conv = block.under("conv_module");
    TensorTable feed = block.under("feed_forward");
    int inner = feed.tensor("w_1.weight", -1, d).dim(0);
    return new ConformerBlock(
        norm(block, "norm_mha", d, parameters),
        PositionAttention.load(block.under("self_attn"), d, parameters),
        norm(block, "norm_conv", d, parameters),
        parameters.linear(conv.tensor("pointwise_conv1.weight", 2 * d, d, 1), Optional.of(conv.tensor("pointwise_conv1.bias", 2 * d))),
        parameters.depthwise(conv.tensor("depthwise_conv.weight", d, 1, -1)),
        parameters.tensor(conv.tensor("depthwise_conv.bias", d)),
        norm(conv, "norm", d, parameters),
        parameters.linear(conv.tensor("pointwise_conv2.weight", d, d, 1), Optional.of(conv.tensor("pointwise_conv2.bias", d))),
        norm(block, "norm_ff", d, parameters),
        parameters.linear(feed.tensor("w_1.weight", inner, d), Optional.of(feed.tensor("w_1.bias", inner))),
        parameters.linear(feed.tensor("w_2.weight", d, inner), Optional.of(feed.tensor("w_2.bias", d))),
        norm(block, "norm_final", d, parameters));
  }

  static Norm norm(TensorTable table, String name, int d, Parameters parameters) {
    return parameters.norm(table.tensor(name + ".weight", d), table.tensor(name + ".bias", d), EPS);
  }

  /**
   * x {@code [t, d]} to {@code [t, d]}.
   *
   * @param positions the first t rows of the position table
   * @param valid frames that count; later ones are neither attended to nor seen by the convolution, except as zeros
   */
  Tensor forward(Ops ops, Tensor x, Tensor positions, int valid) {
    Tensor attended = attention.forward(ops, ops.layerNorm(x, attentionNorm), positions, valid, x);
    Tensor mixed = convolution(ops, attended, valid);
    Tensor fed = ops.linearAdd(ops.linear(ops.layerNorm(mixed, feedNorm), up, Activation.SILU), down, 1f, mixed);
    return ops.layerNorm(fed, finalNorm);
  }

  private Tensor convolution(Ops ops, Tensor x, int valid) {
    int frames = x.rows();
    Tensor z = ops.layerNorm(x, convNorm);
    if (valid < frames) {
      ops.fill(z.rows(valid, frames), 0f); // not the same as leaving them out: the first convolution's bias makes something of zeros
    }
    Tensor gated = ops.gate(ops.linear(z, expand), Gate.GLU);
    Tensor local = ops.layerNorm(ops.depthwise(gated, depthwise, Optional.of(depthwiseBias), depthwise.rows() / 2, frames), innerNorm);
    ops.pointwiseInto(local, Optional.empty(), Optional.empty(), Activation.SILU, local);
    Tensor y = ops.linearAdd(local, project, 1f, x);
    if (valid < frames) {
      ops.copyInto(x.rows(valid, frames), y.rows(valid, frames));
    }
    return y;
  }
}
