package dev.syrinx.model.conditioning;

import dev.syrinx.backend.AttentionShape;
import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.kernels.activation.Gate;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Any number of frames to a fixed number of latents (Jaegle et al. 2021; Alayrac et al. 2022): learned latents attend to themselves and to
 * the frames.
 *
 * @param latents {@code [n, dim]}
 * @param gamma {@code [dim]}, gain of the final norm
 */
record PerceiverResampler(Tensor latents, Linear context, List<Layer> layers, Tensor gamma, int heads) {
  private static final float NORM_EPS = 1e-12f;

  /** One round. No norm precedes either part. */
  record Layer(Linear q, Linear kv, Linear out, Linear up, Linear down) {
    static Layer load(TensorTable layer, int dim, Parameters parameters) {
      StoredTensor q = layer.tensor("0.to_q.weight", -1, dim);
      int inner = q.dim(0);
      StoredTensor down = layer.tensor("1.2.weight", dim, -1);
      int hidden = down.dim(1);
      return new Layer(
          parameters.linear(q, Optional.empty()),
          parameters.linear(layer.tensor("0.to_kv.weight", 2 * inner, dim), Optional.empty()),
          parameters.linear(layer.tensor("0.to_out.weight", dim, inner), Optional.empty()),
          parameters.linear(layer.tensor("1.0.weight", 2 * hidden, dim), Optional.of(layer.tensor("1.0.bias", 2 * hidden))),
          parameters.linear(down, Optional.of(layer.tensor("1.2.bias", dim))));
    }

    /** Latents {@code [n, dim]} attend to source {@code [n + frames, dim]}, of which they are the first rows. */
    Tensor forward(Ops ops, Tensor x, Tensor source, int heads) {
      int inner = q.n();
      ops.copyInto(x, source.rows(0, x.rows()));
      Tensor pairs = ops.linear(source, kv);
      float scale = (float) (1 / Math.sqrt(inner / (double) heads));
      Tensor attended =
          ops.attention(ops.linear(x, q), pairs.cols(0, inner), pairs.cols(inner, 2 * inner), AttentionShape.full(heads, scale));
      Tensor sum = ops.linearAdd(attended, out, 1f, x);
      return ops.linearAdd(ops.gate(ops.linear(sum, up), Gate.GEGLU), down, 1f, sum);
    }
  }

  static PerceiverResampler load(TensorTable table, int contextWidth, int heads, Parameters parameters) {
    StoredTensor latents = table.tensor("latents", -1, -1);
    int dim = latents.dim(1);
    int count = (int) table.under("layers").names().stream().map(name -> name.split("\\.", 2)[0]).distinct().count();
    List<Layer> layers = IntStream.range(0, count).mapToObj(i -> Layer.load(table.under("layers." + i), dim, parameters)).toList();
    if (layers.isEmpty() || layers.getFirst().q().n() % heads != 0) {
      throw new CheckpointException("perceiver of '%s': %d layers, which %d heads do not divide".formatted(latents.name(), count, heads));
    }
    return new PerceiverResampler(
        parameters.tensor(latents),
        parameters.linear(table.tensor("proj_context.weight", dim, contextWidth), Optional.of(table.tensor("proj_context.bias", dim))),
        layers, parameters.tensor(table.tensor("norm.gamma", dim)), heads);
  }

  /** Latents. */
  int count() {
    return latents.rows();
  }

  /** Width of a latent. */
  int width() {
    return latents.cols();
  }

  /** frames {@code [t, contextWidth]}, all of which count, to {@code [n, dim]}. */
  Tensor forward(Ops ops, Tensor frames) {
    Tensor y = ops.empty(count(), width());
    try (var _ = ops.scope()) {
      Tensor source = ops.empty(count() + frames.rows(), width());
      ops.linearInto(frames, context, Activation.NONE, source.rows(count(), source.rows()));
      Tensor x = latents;
      for (Layer layer : layers) {
        x = layer.forward(ops, x, source, heads);
      }
      ops.copyInto(ops.l2Norm(x, Optional.of(gamma), (float) Math.sqrt(width()), NORM_EPS), y);
    }
    return y;
  }
}
