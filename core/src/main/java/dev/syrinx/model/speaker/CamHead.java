package dev.syrinx.model.speaker;

import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Rows;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.TensorTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The two-dimensional front of CAM++: convolutions over time and frequency that keep the time and shorten the frequency. */
record CamHead(ImageConv first, List<ResidualBlock> blocks, ImageConv last) {
  static CamHead load(TensorTable head, Parameters parameters) {
    ImageConv first = ImageConv.load(head, "conv1", "bn1", 1, 3, 1, parameters);
    List<ResidualBlock> blocks = new ArrayList<>();
    int channels = first.outputs();
    for (int layer = 1; layer == 1 || head.has("layer" + layer + ".0.conv1.weight"); layer++) {
      TensorTable stage = head.under("layer" + layer);
      for (int i = 0; i == 0 || stage.has(i + ".conv1.weight"); i++) {
        ResidualBlock block = ResidualBlock.load(stage.under(Integer.toString(i)), channels, i == 0 ? 2 : 1, parameters);
        blocks.add(block);
        channels = block.outputs();
      }
    }
    return new CamHead(first, List.copyOf(blocks), ImageConv.load(head, "conv2", "bn2", channels, 3, 2, parameters));
  }

  int outputs() {
    return last.outputs();
  }

  /** Bins of the result for an input of so many. */
  int bins(int inputBins) {
    int bins = PaddedImage.strided(inputBins, first.stride());
    for (ResidualBlock block : blocks) {
      bins = PaddedImage.strided(bins, block.first().stride());
    }
    return PaddedImage.strided(bins, last.stride());
  }

  /** x {@code [t, bins]} into y {@code [t, bins'·channels]}, contiguous. */
  void forwardInto(Ops ops, Tensor x, Tensor y) {
    try (var _ = ops.scope()) {
      PaddedImage image = PaddedImage.zeros(ops, x.rows(), x.cols(), 1);
      ops.copyInto(x, image.planes().rows(1, 1 + x.rows()).cols(1, 1 + x.cols()));
      PaddedImage h = first.room(ops, image);
      first.into(ops, image, Activation.RELU, Optional.empty(), h.cells());
      for (ResidualBlock block : blocks) {
        h = block.forward(ops, h);
      }
      last.into(ops, h, Activation.RELU, Optional.empty(), new Rows(y, y.rows(), y.cols() / outputs(), outputs(), y.cols(), 1, 0));
    }
  }
}
