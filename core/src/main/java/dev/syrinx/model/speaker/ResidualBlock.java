package dev.syrinx.model.speaker;

import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * A basic residual block (He et al. 2016) over time and frequency: relu(conv2(relu(conv1(x))) + shortcut(x)).
 *
 * @param shortcut absent where x itself is added
 */
record ResidualBlock(ImageConv first, ImageConv second, Optional<ImageConv> shortcut) {
  static ResidualBlock load(TensorTable block, int channels, int stride, Parameters parameters) {
    ImageConv first = ImageConv.load(block, "conv1", "bn1", channels, 3, stride, parameters);
    ImageConv second = ImageConv.load(block, "conv2", "bn2", first.outputs(), 3, 1, parameters);
    Optional<ImageConv> shortcut =
        block.has("shortcut.0.weight")
            ? Optional.of(ImageConv.load(block, "shortcut.0", "shortcut.1", channels, 1, stride, parameters))
            : Optional.empty();
    return new ResidualBlock(first, second, shortcut);
  }

  int outputs() {
    return second.outputs();
  }

  PaddedImage forward(Ops ops, PaddedImage x) {
    PaddedImage y = first.room(ops, x);
    try (var _ = ops.scope()) {
      PaddedImage middle = first.room(ops, x);
      first.into(ops, x, Activation.RELU, Optional.empty(), middle.cells());
      second.into(ops, middle, Activation.NONE, Optional.of(beside(ops, x)), y.cells());
    }
    ops.pointwiseInto(y.planes(), Optional.empty(), Optional.empty(), Activation.RELU, y.planes());
    return y;
  }

  private Tensor beside(Ops ops, PaddedImage x) {
    if (shortcut.isEmpty()) {
      return x.interior();
    }
    ImageConv projection = shortcut.get();
    PaddedImage made = projection.room(ops, x);
    projection.into(ops, x, Activation.NONE, Optional.empty(), made.cells());
    return made.interior();
  }
}
