package dev.syrinx.model.conditioning;

import dev.syrinx.backend.AttentionShape;
import dev.syrinx.backend.Ops;
import dev.syrinx.nn.Linear;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.Arrays;
import java.util.Optional;

/**
 * Self-attention with position terms: score(i, j) = ((q_i + u)·k_j + (q_i + v)·p_j)/√d_k, where p_j belongs to the key's own index j. Relative in name only: nothing is
 * shifted.
 *
 * <p>Both products are one attention of doubled head width, [q+u | q+v] with [k | p]. The matrices are laid out for it at load: {@code queries} gives every head's q twice, u
 * and v in its bias; {@code keys} and {@code positions} each fill their half of a head and leave zeros in the other, so that the second is the residual of the first.
 *
 * @param queries {@code [2d + d, d]}: doubled queries, then values
 * @param keys {@code [2d, d]}
 * @param positions {@code [2d, d]}
 * @param out {@code [d, d]}
 */
record PositionAttention(Linear queries, Linear keys, Linear positions, Linear out, int heads) {
  static PositionAttention load(TensorTable attention, int d, Parameters parameters) {
    StoredTensor u = attention.tensor("pos_bias_u", -1, -1);
    int heads = u.dim(0);
    int width = u.dim(1);
    if (heads * width != d) {
      throw new CheckpointException("tensor '%s' %s should have %d elements, one for each channel".formatted(u.name(), u.shape(), d));
    }
    float[] v = attention.tensor("pos_bias_v", heads, width).toFloats();
    StoredTensor q = attention.tensor("linear_q.weight", d, d);
    StoredTensor values = attention.tensor("linear_v.weight", d, d);
    float[] qBias = bias(attention, "linear_q", d);
    return new PositionAttention(
        parameters.linear(
            q.name(), concat(halves(halves(new float[2 * d * d], q.toFloats(), width, d, 0), q.toFloats(), width, d, 1), values.toFloats()), 3 * d, d,
            Optional.of(
                concat(
                    halves(halves(new float[2 * d], sum(qBias, u.toFloats()), width, 1, 0), sum(qBias, v), width, 1, 1), bias(attention, "linear_v", d)))),
        parameters.linear(
            "linear_k.weight", halves(new float[2 * d * d], attention.tensor("linear_k.weight", d, d).toFloats(), width, d, 0), 2 * d, d,
            Optional.of(halves(new float[2 * d], bias(attention, "linear_k", d), width, 1, 0))),
        parameters.linear(
            "linear_pos.weight", halves(new float[2 * d * d], attention.tensor("linear_pos.weight", d, d).toFloats(), width, d, 1), 2 * d, d, Optional.empty()),
        parameters.linear(attention.tensor("linear_out.weight", d, d), Optional.of(attention.tensor("linear_out.bias", d))),
        heads);
  }

  private static float[] bias(TensorTable attention, String layer, int d) {
    return attention.tensor(layer + ".bias", d).toFloats();
  }

  /** Puts each head's run of {@code width} rows into the first (0) or second (1) half of its doubled head. */
  private static float[] halves(float[] doubled, float[] rows, int width, int k, int half) {
    int run = width * k;
    for (int head = 0; head * run < rows.length; head++) {
      System.arraycopy(rows, head * run, doubled, (2 * head + half) * run, run);
    }
    return doubled;
  }

  private static float[] sum(float[] a, float[] b) {
    float[] c = a.clone();
    for (int i = 0; i < c.length; i++) {
      c[i] += b[i];
    }
    return c;
  }

  private static float[] concat(float[] a, float[] b) {
    float[] c = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, c, a.length, b.length);
    return c;
  }

  /** residual + attention of z {@code [t, d]}; keys from {@code valid} on are masked. */
  Tensor forward(Ops ops, Tensor z, Tensor table, int valid, Tensor residual) {
    int d = out.n();
    Tensor qv = ops.linear(z, queries);
    Tensor k = ops.linearAdd(z, keys, 1f, ops.linear(table, positions));
    float scale = (float) (1 / Math.sqrt(d / (double) heads));
    Tensor context = ops.attention(qv.cols(0, 2 * d), k, qv.cols(2 * d, 3 * d), AttentionShape.full(heads, scale).keys(0, valid));
    return ops.linearAdd(context, out, 1f, residual);
  }
}
