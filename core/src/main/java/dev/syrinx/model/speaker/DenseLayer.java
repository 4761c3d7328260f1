package dev.syrinx.model.speaker;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * One layer of a dense block with context-aware masking: what it computes from all channels so far, times a mask made from the context,
 * becomes new channels.
 *
 * <p>The context is the mean over the clip plus the mean over the frame's segment, so the mask is computed once for each segment.
 *
 * @param before normalisation of the channels so far
 * @param bottleneck {@code [b, c]} with its normalisation
 * @param local convolution {@code [growth, taps·b]}
 */
record DenseLayer(BatchNorm.Affine before, Linear bottleneck, Linear local, Linear contextDown, Linear contextUp, int dilation) {
  /** Frames of a segment. */
  private static final int SEGMENT = 100;

  static DenseLayer load(TensorTable layer, int channels, int dilation, Parameters parameters) {
    StoredTensor bottleneck = layer.tensor("linear1.weight", -1, channels, 1);
    int narrow = bottleneck.dim(0);
    TensorTable cam = layer.under("cam_layer");
    StoredTensor local = cam.tensor("linear_local.weight", -1, narrow, -1);
    int growth = local.dim(0);
    StoredTensor down = cam.tensor("linear1.weight", -1, narrow, 1);
    int context = down.dim(0);
    return new DenseLayer(
        BatchNorm.load(layer.under("nonlinear1.batchnorm"), channels).affine(parameters),
        BatchNorm.load(layer.under("nonlinear2.batchnorm"), narrow).after(bottleneck, parameters),
        parameters.conv(local, Optional.empty()),
        parameters.linear(down, Optional.of(cam.tensor("linear1.bias", context))),
        parameters.linear(cam.tensor("linear2.weight", growth, context, 1), Optional.of(cam.tensor("linear2.bias", growth))),
        dilation);
  }

  /** New channels. */
  int growth() {
    return local.n();
  }

  int narrow() {
    return bottleneck.n();
  }

  /** Rows of zeros that the local convolution needs on each side. */
  int padding() {
    return (local.k() / narrow() - 1) / 2 * dilation;
  }

  /**
   * Computes y {@code [t, growth]} from x {@code [t, c]}; both may be columns of one buffer.
   *
   * @param padded {@code [padding + t + padding, narrow]}, whose outer rows are zeros and stay so
   */
  void forwardInto(Ops ops, Tensor x, Tensor padded, Tensor y) {
    try (var _ = ops.scope()) {
      Tensor h = padded.rows(padding(), padding() + x.rows());
      ops.linearInto(ops.pointwise(x, before.scale(), before.shift(), Activation.RELU), bottleneck, Activation.RELU, h);
      Tensor fresh = ops.conv(padded, local, 1, dilation, x.rows(), Activation.NONE);
      ops.segmentScaleInto(fresh, mask(ops, h), SEGMENT, y);
    }
  }

  /** {@code [segments, growth]}, between 0 and 1. */
  private Tensor mask(Ops ops, Tensor h) {
    Tensor whole = ops.segmentMean(h, h.rows()).reshape(h.cols());
    Tensor context = ops.pointwise(ops.segmentMean(h, SEGMENT), Optional.empty(), Optional.of(whole), Activation.NONE);
    return ops.linear(ops.linear(context, contextDown, Activation.RELU), contextUp, Activation.SIGMOID);
  }
}
