package dev.syrinx.model.conditioning;

import dev.syrinx.backend.AttentionShape;
import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.nn.Block;
import dev.syrinx.nn.MatrixSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * Self-attention with position terms: score(i, j) = ((q_i + u)·k_j + (q_i + v)·p_j)/√d_k, where p_j belongs to the key's own index j.
 * Relative in name only: nothing is shifted.
 *
 * <p>Both products are one attention of doubled head width, [q+u | q+v] with [k | p]. The matrices are laid out for it at load:
 * {@code queries} gives every head's q twice, u and v in its bias; {@code keys} and {@code positions} each fill their half of a head and
 * leave zeros in the other, so that the second is the residual of the first.
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
    float[] q = bias(attention, "linear_q", d);
    MatrixSource queries = weight(attention, "linear_q", d);
    MatrixSource queryBias =
        doubled(heads, vector(sum(q, u.toFloats())), vector(sum(q, attention.tensor("pos_bias_v", heads, width).toFloats())));
    MatrixSource nothing = MatrixSource.zeros(d, d);
    return new PositionAttention(
        parameters.linear(
            "linear_q.weight, linear_v.weight", MatrixSource.below(doubled(heads, queries, queries), weight(attention, "linear_v", d)),
            Optional.of(values(MatrixSource.below(queryBias, vector(bias(attention, "linear_v", d)))))),
        parameters.linear(
            "linear_k.weight", doubled(heads, weight(attention, "linear_k", d), nothing),
            Optional.of(values(doubled(heads, vector(bias(attention, "linear_k", d)), MatrixSource.zeros(d, 1))))),
        parameters.linear("linear_pos.weight", doubled(heads, nothing, weight(attention, "linear_pos", d)), Optional.empty()),
        parameters.linear(attention.tensor("linear_out.weight", d, d), Optional.of(attention.tensor("linear_out.bias", d))),
        heads);
  }

  private static MatrixSource weight(TensorTable attention, String layer, int d) {
    return MatrixSource.of(attention.tensor(layer + ".weight", d, d));
  }

  private static float[] bias(TensorTable attention, String layer, int d) {
    return attention.tensor(layer + ".bias", d).toFloats();
  }

  /** Heads of twice the width: of each, the rows of {@code first} and below them those of {@code second}. */
  private static MatrixSource doubled(int heads, MatrixSource first, MatrixSource second) {
    int width = first.n() / heads;
    MatrixSource[] runs = new MatrixSource[2 * heads];
    for (int head = 0; head < heads; head++) {
      runs[2 * head] = first.rows(head * width, (head + 1) * width);
      runs[2 * head + 1] = second.rows(head * width, (head + 1) * width);
    }
    return MatrixSource.below(runs);
  }

  private static MatrixSource vector(float[] values) {
    return MatrixSource.of(values, values.length, 1);
  }

  private static float[] values(MatrixSource column) {
    float[] values = new float[column.n()];
    column.read(new Block(0, values.length, 0, 1), values, 0);
    return values;
  }

  private static float[] sum(float[] a, float[] b) {
    float[] c = a.clone();
    for (int i = 0; i < c.length; i++) {
      c[i] += b[i];
    }
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
