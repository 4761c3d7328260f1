package dev.syrinx.model.gpt;

import dev.syrinx.backend.AttentionShape;
import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Rows;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * A GPT-2 block (Radford et al. 2019): norm before each part, tanh GELU.
 *
 * @param qkv {@code [3d, d]}: queries, keys, values
 */
record GptBlock(Norm attentionNorm, Linear qkv, Linear out, Norm feedNorm, Linear up, Linear down, int heads) {
  static final float EPS = 1e-5f;

  /** Matrices of this part of the checkpoint are stored {@code [in, out]}, unlike all others. */
  static GptBlock load(TensorTable block, int d, int heads, Parameters parameters) {
    int inner = block.tensor("mlp.c_fc.weight", d, -1).dim(1);
    return new GptBlock(
        parameters.norm(block.tensor("ln_1.weight", d), block.tensor("ln_1.bias", d), EPS),
        linear(block, "attn.c_attn", d, 3 * d, parameters),
        linear(block, "attn.c_proj", d, d, parameters),
        parameters.norm(block.tensor("ln_2.weight", d), block.tensor("ln_2.bias", d), EPS),
        linear(block, "mlp.c_fc", d, inner, parameters),
        linear(block, "mlp.c_proj", inner, d, parameters),
        heads);
  }

  private static Linear linear(TensorTable block, String name, int k, int n, Parameters parameters) {
    return parameters.linearTransposed(block.tensor(name + ".weight", k, n), Optional.of(block.tensor(name + ".bias", n)));
  }

  private float scale() {
    return (float) (1 / Math.sqrt(qkv.k() / (double) heads));
  }

  /**
   * Replaces x {@code [t, d]} by the block's output for t positions that follow {@code past} earlier ones, and writes their keys and values
   * to the cache.
   *
   * @param keys {@code [slots, d]}: rows 0 to past − 1 are the earlier positions', rows past to past + t − 1 are written
   * @param values the same
   */
  void forward(Ops ops, Tensor x, Tensor keys, Tensor values, int past) {
    int d = x.cols();
    int end = past + x.rows();
    Tensor projected = ops.linear(ops.layerNorm(x, attentionNorm), qkv);
    ops.copyInto(projected.cols(d, 2 * d), keys.rows(past, end));
    ops.copyInto(projected.cols(2 * d, 3 * d), values.rows(past, end));
    add(ops, attention(ops, projected.cols(0, d), keys.rows(0, end), values.rows(0, end), past), out, x);
    add(ops, ops.linear(ops.layerNorm(x, feedNorm), up, Activation.GELU_TANH), down, x);
  }

  /** Kernels take queries, keys and values of one type: that of the cache, where there is one for halves. */
  private Tensor attention(Ops ops, Tensor queries, Tensor keys, Tensor values, int past) {
    AttentionShape shape = AttentionShape.causal(heads, heads, scale(), past);
    if (keys.dtype() == DType.F32) {
      return ops.attention(queries, keys, values, shape);
    }
    if (ops.backend().factors(DType.F16) != DType.F16) {
      return ops.attention(queries, as(ops, DType.F32, keys), as(ops, DType.F32, values), shape);
    }
    Tensor y = ops.empty(keys.dtype(), queries.rows(), queries.cols());
    ops.attentionInto(as(ops, keys.dtype(), queries), keys, values, shape, y);
    return as(ops, ops.backend().factors(out.weight().dtype()), y);
  }

  private static Tensor as(Ops ops, DType type, Tensor x) {
    if (x.dtype() == type) {
      return x;
    }
    Tensor made = ops.empty(type, x.rows(), x.cols());
    ops.copyInto(x, made);
    return made;
  }

  /** The same for one new position of each of several sequences, whose slots the device reads from {@code slots}. */
  void step(Ops ops, Tensor x, Tensor keys, Tensor values, Slots slots) {
    int d = x.cols();
    Tensor projected = ops.linear(ops.layerNorm(x, attentionNorm), qkv);
    ops.scatter(projected.cols(d, 2 * d), slots.written(), keys);
    ops.scatter(projected.cols(2 * d, 3 * d), slots.written(), values);
    Tensor context = ops.decodeAttention(projected.cols(0, d), keys, values, slots.table(), slots.lengths(), slots.blockSize(), heads, heads, scale());
    add(ops, context, out, x);
    add(ops, ops.linear(ops.layerNorm(x, feedNorm), up, Activation.GELU_TANH), down, x);
  }

  /** x += z·Wᵀ + b in the product's own epilogue. */
  private static void add(Ops ops, Tensor z, Linear layer, Tensor x) {
    ops.gemm(Rows.of(z), layer, Activation.NONE, 1f, Optional.of(x), Rows.of(x));
  }
}
