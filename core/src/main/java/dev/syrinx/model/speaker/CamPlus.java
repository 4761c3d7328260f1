package dev.syrinx.model.speaker;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.ArrayList;
import java.util.List;

/**
 * CAM++ (Wang et al. 2023): a style vector from a whole clip.
 *
 * <p>Always in float32: it is small, and the choice of emotion rows hangs on its result.
 *
 * <p>Taps: {@code campplus.head} {@code [t, bins·channels]}, channels innermost (in the published network bins are); {@code campplus.tdnn}
 * {@code [⌈t/2⌉, channels]}; {@code campplus.blockN}, all channels of dense block N; {@code campplus.style}.
 */
public final class CamPlus {
  /** Fewer frames leave one row to pool, which has no deviation. */
  private static final int LEAST_FRAMES = 3;

  private final CamHead head;
  private final Tdnn tdnn;
  private final List<DenseBlock> blocks;
  private final BatchNorm.Affine beforePooling;
  private final Linear dense;

  private CamPlus(CamHead head, Tdnn tdnn, List<DenseBlock> blocks, BatchNorm.Affine beforePooling, Linear dense) {
    this.head = head;
    this.tdnn = tdnn;
    this.blocks = List.copyOf(blocks);
    this.beforePooling = beforePooling;
    this.dense = dense;
  }

  /**
   * Takes the network from the flat dictionary of its publisher.
   *
   * @throws dev.syrinx.weights.CheckpointException if a tensor is missing, of another shape or unknown
   */
  public static CamPlus load(TensorTable file, Parameters parameters) {
    Parameters exact = parameters.exact();
    CamHead head = CamHead.load(file.under("head"), exact);
    TensorTable xvector = file.under("xvector");
    Tdnn tdnn = Tdnn.load(xvector.under("tdnn"), head.outputs(), exact);
    List<DenseBlock> blocks = new ArrayList<>();
    int channels = tdnn.outputs();
    for (int b = 1; b == 1 || xvector.has("block" + b + ".tdnnd1.linear1.weight"); b++) {
      blocks.add(DenseBlock.load(xvector, b, channels, b == 1 ? 1 : 2, exact)); // the dilations belong to the network: no file tells them
      channels = blocks.getLast().outputs();
    }
    BatchNorm.Affine beforePooling = BatchNorm.load(xvector.under("out_nonlinear.batchnorm"), channels).affine(exact);
    StoredTensor weight = xvector.tensor("dense.linear.weight", -1, 2 * channels, 1);
    Linear dense = BatchNorm.load(xvector.under("dense.nonlinear.batchnorm"), weight.dim(0)).after(weight, exact);
    file.ignore(".*\\.num_batches_tracked"); // training only
    file.finish();
    return new CamPlus(head, tdnn, blocks, beforePooling, dense);
  }

  /** Width of the style vector. */
  public int style() {
    return dense.n();
  }

  /**
   * The style {@code [1, style]} of a clip.
   *
   * @param fbank {@code [t, bins]}, its mean over time subtracted; t at least 3
   */
  public Tensor forward(Ops ops, Tensor fbank) {
    if (fbank.rows() < LEAST_FRAMES || head.bins(fbank.cols()) != tdnn.bins()) {
      throw new ShapeException(
          "CAM++ of %s; it takes at least %d frames of as many bins as its head shortens to %d, not %d"
              .formatted(fbank, LEAST_FRAMES, tdnn.bins(), head.bins(fbank.cols())));
    }
    Tensor style = ops.empty(1, style());
    try (var _ = ops.scope()) {
      Tensor x = ops.pointwise(frames(ops, fbank), beforePooling.scale(), beforePooling.shift(), Activation.RELU);
      ops.linearInto(ops.statistics(x).reshape(1, 2 * x.cols()), dense, Activation.NONE, style);
    }
    ops.tap("campplus.style", style);
    return style;
  }

  /** Everything before the pooling: {@code [⌈t/2⌉, channels]}. */
  private Tensor frames(Ops ops, Tensor fbank) {
    int t = fbank.rows();
    Tensor padded = ops.zeros(t + 2 * tdnn.padding(), tdnn.width());
    Tensor features = padded.rows(tdnn.padding(), tdnn.padding() + t);
    head.forwardInto(ops, fbank, features);
    ops.tap("campplus.head", features);
    Tensor x = room(ops, 0, Tdnn.frames(t));
    tdnn.forwardInto(ops, padded, x.cols(0, tdnn.outputs()));
    ops.tap("campplus.tdnn", x.cols(0, tdnn.outputs()));
    for (int b = 0; b < blocks.size(); b++) {
      DenseBlock block = blocks.get(b);
      block.fill(ops, x);
      ops.tap("campplus.block" + (b + 1), x);
      Tensor next = room(ops, b + 1, x.rows());
      block.transitInto(ops, x, next.cols(0, block.outputs()));
      x = next;
    }
    return x;
  }

  /** Room for all channels of a block; behind the last block, for what its transition leaves. */
  private Tensor room(Ops ops, int block, int rows) {
    return ops.empty(rows, block < blocks.size() ? blocks.get(block).channels() : blocks.getLast().outputs());
  }
}
