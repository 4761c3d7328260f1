package dev.syrinx.model.speaker;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A dense block (Huang et al. 2017) and the transition behind it, which mixes its channels down to fewer. All layers write into one
 * buffer, next to what they read.
 *
 * @param inputs channels of the input
 * @param transit {@code [outputs, inputs + growth of all layers]}
 */
record DenseBlock(int inputs, List<DenseLayer> layers, BatchNorm.Affine beforeTransit, Linear transit) {
  /** @param number of the block, from 1 */
  static DenseBlock load(TensorTable xvector, int number, int inputs, int dilation, Parameters parameters) {
    TensorTable block = xvector.under("block" + number);
    List<DenseLayer> layers = new ArrayList<>();
    int channels = inputs;
    for (int i = 1; i == 1 || block.has("tdnnd" + i + ".linear1.weight"); i++) {
      DenseLayer layer = DenseLayer.load(block.under("tdnnd" + i), channels, dilation, parameters);
      layers.add(layer);
      channels += layer.growth();
    }
    TensorTable transition = xvector.under("transit" + number);
    StoredTensor transit = transition.tensor("linear.weight", -1, channels, 1);
    BatchNorm.Affine before = BatchNorm.load(transition.under("nonlinear.batchnorm"), channels).affine(parameters);
    return new DenseBlock(inputs, List.copyOf(layers), before, parameters.linear(transit, Optional.empty()));
  }

  /** Channels of the buffer: the input's and all layers'. */
  int channels() {
    return transit.k();
  }

  int outputs() {
    return transit.n();
  }

  /** Fills the columns of {@code wide [t, channels]} from {@link #inputs} on. */
  void fill(Ops ops, Tensor wide) {
    try (var _ = ops.scope()) {
      DenseLayer shape = layers.getFirst();
      Tensor padded = ops.zeros(wide.rows() + 2 * shape.padding(), shape.narrow());
      int channels = inputs;
      for (DenseLayer layer : layers) {
        layer.forwardInto(ops, wide.cols(0, channels), padded, wide.cols(channels, channels + layer.growth()));
        channels += layer.growth();
      }
    }
  }

  /** The transition: {@code wide [t, channels]} into y {@code [t, outputs]}. */
  void transitInto(Ops ops, Tensor wide, Tensor y) {
    try (var _ = ops.scope()) {
      ops.linearInto(ops.pointwise(wide, beforeTransit.scale(), beforeTransit.shift(), Activation.RELU), transit, Activation.NONE, y);
    }
  }
}
