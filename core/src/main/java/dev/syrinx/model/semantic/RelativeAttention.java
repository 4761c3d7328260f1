package dev.syrinx.model.semantic;

import dev.syrinx.backend.AttentionShape;
import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Rows;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.MatrixSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.W2vBertConfig;
import java.util.Optional;

/**
 * Self-attention whose scores see the distance from query to key (Shaw et al. 2018, keys only). The distance's part of a score is a
 * product of the query with a short table, so it is computed once per distance, not once per pair.
 *
 * @param projections query, key and value, one below the other: {@code [3·hidden, hidden]}
 * @param distances {@code [span, head size]}, one table for all heads
 * @param left column of distance 0
 */
record RelativeAttention(Norm norm, Linear projections, Linear distances, Linear out, int heads, int left) {
  private static final String[] PROJECTIONS = {"linear_q", "linear_k", "linear_v"};

  static RelativeAttention load(TensorTable layer, int hidden, W2vBertConfig config, Parameters parameters) {
    TensorTable module = layer.under("self_attn");
    StoredTensor distances = module.tensor("distance_embedding.weight", config.leftPositions() + 1 + config.rightPositions(), -1);
    if (config.heads() * distances.dim(1) != hidden) {
      throw new CheckpointException(
          "w2v-BERT: config.json says %d heads and tensor '%s' says heads of %d, which together are not the hidden size %d"
              .formatted(config.heads(), distances.name(), distances.dim(1), hidden));
    }
    return new RelativeAttention(
        W2vBertLayer.norm(layer, "self_attn_layer_norm", hidden, (float) config.layerNormEps(), parameters),
        projections(module, hidden, parameters),
        parameters.linear(distances, Optional.empty()),
        parameters.linear(module.tensor("linear_out.weight", hidden, hidden), Optional.of(module.tensor("linear_out.bias", hidden))),
        config.heads(), config.leftPositions());
  }

  private static Linear projections(TensorTable module, int hidden, Parameters parameters) {
    MatrixSource[] weights = new MatrixSource[PROJECTIONS.length];
    float[] bias = new float[PROJECTIONS.length * hidden];
    for (int i = 0; i < PROJECTIONS.length; i++) {
      weights[i] = MatrixSource.of(module.tensor(PROJECTIONS[i] + ".weight", hidden, hidden));
      module.tensor(PROJECTIONS[i] + ".bias", hidden).read(0, hidden, bias, i * hidden);
    }
    return parameters.linear("self_attn.linear_q, linear_k, linear_v", MatrixSource.below(weights), Optional.of(bias));
  }

  /**
   * x + out(attention(norm(x))).
   *
   * @param x {@code [t, hidden]}
   * @param valid keys from this row on are masked
   */
  Tensor forward(Ops ops, Tensor x, int valid) {
    int hidden = x.cols();
    Tensor normed = ops.input(projections, x.rows());
    ops.layerNormInto(x, norm, normed);
    Tensor qkv = ops.empty(normed.dtype(), x.rows(), projections.n());
    ops.linearInto(normed, projections, Activation.NONE, qkv);
    Tensor q = qkv.cols(0, hidden);
    AttentionShape shape =
        AttentionShape.full(heads, (float) (1 / Math.sqrt(distances.k()))).keys(0, valid).withRelative(distanceScores(ops, q), left);
    Tensor mixed = ops.input(out, x.rows());
    ops.attentionInto(q, qkv.cols(hidden, 2 * hidden), qkv.cols(2 * hidden, 3 * hidden), shape, mixed);
    return ops.linearAdd(mixed, out, 1f, x);
  }

  /** Every query of every head times every distance: {@code [t, heads·span]}. Heads are the batches of one product. */
  private Tensor distanceScores(Ops ops, Tensor q) {
    int t = q.rows();
    int span = distances.n();
    Tensor scores = ops.empty(t, heads * span);
    int stride = Math.toIntExact(q.view().rowStride());
    ops.gemm(
        new Rows(q, heads, t, stride, distances.k(), 1, 0), distances, Activation.NONE, 1f, Optional.empty(),
        new Rows(scores, heads, t, heads * span, span, 1, 0));
    return scores;
  }
}
