package dev.syrinx.model.semantic;

import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.W2vBertConfig;

/** One conformer block: half a feed-forward module, attention, convolution, the other half, norm. */
record W2vBertLayer(FeedForward first, RelativeAttention attention, ConvolutionModule convolution, FeedForward second, Norm last) {
  static W2vBertLayer load(TensorTable layer, int hidden, W2vBertConfig config, Parameters parameters) {
    float eps = (float) config.layerNormEps();
    return new W2vBertLayer(
        FeedForward.load(layer, "ffn1", hidden, eps, parameters),
        RelativeAttention.load(layer, hidden, config, parameters),
        ConvolutionModule.load(layer, hidden, eps, parameters),
        FeedForward.load(layer, "ffn2", hidden, eps, parameters),
        norm(layer, "final_layer_norm", hidden, eps, parameters));
  }

  static Norm norm(TensorTable table, String name, int width, float eps, Parameters parameters) {
    return parameters.norm(table.tensor(name + ".weight", width), table.tensor(name + ".bias", width), eps);
  }

  /** Replaces x {@code [t, hidden]} by the block's output; rows from {@code valid} on are masked. */
  void forwardInPlace(Ops ops, Tensor x, int valid) {
    try (var _ = ops.scope()) {
      Tensor h = first.forward(ops, x);
      h = attention.forward(ops, h, valid);
      h = convolution.forward(ops, h, valid);
      h = second.forward(ops, h);
      ops.layerNormInto(h, last, x);
    }
  }
}
