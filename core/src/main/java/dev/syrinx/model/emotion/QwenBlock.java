package dev.syrinx.model.emotion;

import dev.syrinx.backend.AttentionShape;
import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Rows;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.kernels.activation.Gate;
import dev.syrinx.model.gpt.Slots;
import dev.syrinx.nn.MatrixSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.QwenConfig;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * A Qwen3 block: RMS norms, rotary positions, several query heads to a key head, each head's queries and keys normalised, SwiGLU; no
 * biases.
 *
 * @param gateUp {@code [2·inner, d]}: the gate's half first
 */
record QwenBlock(
    Norm attentionNorm, Linear q, Linear k, Linear v, Norm qNorm, Norm kNorm, Linear out, Norm feedNorm, Linear gateUp, Linear down,
    int heads, int kvHeads) {
  static QwenBlock load(TensorTable block, int d, QwenConfig config, Parameters parameters) {
    float eps = (float) config.rmsNormEps();
    TensorTable attention = block.under("self_attn");
    int width = config.headDim();
    int queries = config.heads() * width;
    int keys = config.keyValueHeads() * width;
    return new QwenBlock(
        Norm.gain(parameters.tensor(block.tensor("input_layernorm.weight", d)), eps),
        linear(attention, "q_proj", queries, d, parameters), linear(attention, "k_proj", keys, d, parameters),
        linear(attention, "v_proj", keys, d, parameters),
        Norm.gain(parameters.tensor(attention.tensor("q_norm.weight", width)), eps),
        Norm.gain(parameters.tensor(attention.tensor("k_norm.weight", width)), eps),
        linear(attention, "o_proj", d, queries, parameters),
        Norm.gain(parameters.tensor(block.tensor("post_attention_layernorm.weight", d)), eps),
        gateUp(block.under("mlp"), d, parameters),
        linear(block.under("mlp"), "down_proj", d, -1, parameters),
        config.heads(), config.keyValueHeads());
  }

  private static Linear linear(TensorTable table, String name, int n, int k, Parameters parameters) {
    return parameters.linear(table.tensor(name + ".weight", n, k), Optional.empty());
  }

  private static Linear gateUp(TensorTable mlp, int d, Parameters parameters) {
    StoredTensor gate = mlp.tensor("gate_proj.weight", -1, d);
    StoredTensor up = mlp.tensor("up_proj.weight", gate.dim(0), d);
    return parameters.linear(gate.name(), MatrixSource.below(MatrixSource.of(gate), MatrixSource.of(up)), Optional.empty());
  }

  /** Width of a row of keys. */
  int keyWidth() {
    return k.n();
  }

  private float scale() {
    return (float) (1 / Math.sqrt(q.n() / (double) heads));
  }

  /** Replaces x {@code [t, d]} by the block's output for the first t positions and writes their keys and values to slots 0 to t − 1. */
  void prefill(Ops ops, Tensor x, Tensor positions, Rotation rotation, Tensor keys, Tensor values) {
    int t = x.rows();
    Tensor z = ops.rmsNorm(x, attentionNorm);
    Tensor queries = rotated(ops, ops.linear(z, q), qNorm, heads, positions, rotation);
    ops.copyInto(rotated(ops, ops.linear(z, k), kNorm, kvHeads, positions, rotation), keys.rows(0, t));
    ops.linearInto(z, v, Activation.NONE, values.rows(0, t));
    feed(ops, ops.attention(queries, keys.rows(0, t), values.rows(0, t), AttentionShape.causal(heads, kvHeads, scale(), 0)), x);
  }

  /** The same for one more position. */
  void step(Ops ops, Tensor x, Tensor position, Rotation rotation, Tensor keys, Tensor values, Slots slots) {
    Tensor z = ops.rmsNorm(x, attentionNorm);
    Tensor queries = rotated(ops, ops.linear(z, q), qNorm, heads, position, rotation);
    ops.scatter(rotated(ops, ops.linear(z, k), kNorm, kvHeads, position, rotation), slots.written(), keys);
    ops.scatter(ops.linear(z, v), slots.written(), values);
    feed(ops, ops.decodeAttention(queries, keys, values, slots.table(), slots.lengths(), 1, heads, kvHeads, scale()), x);
  }

  private void feed(Ops ops, Tensor context, Tensor x) {
    add(ops, context, out, x);
    add(ops, ops.gate(ops.linear(ops.rmsNorm(x, feedNorm), gateUp), Gate.SWIGLU), down, x);
  }

  private static Tensor rotated(Ops ops, Tensor x, Norm norm, int heads, Tensor positions, Rotation rotation) {
    int rows = x.rows();
    int width = x.cols() / heads;
    Tensor normed = ops.rmsNorm(x.reshape(rows * heads, width), norm).reshape(rows, heads * width);
    ops.rotary(normed, positions, rotation.cos(), rotation.sin(), heads, false);
    return normed;
  }

  private static void add(Ops ops, Tensor z, Linear layer, Tensor x) {
    ops.gemm(Rows.of(z), layer, Activation.NONE, 1f, Optional.of(x), Rows.of(x));
  }
}
