package dev.syrinx.model.conditioning;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Rows;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.MatrixSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * Halves the frame rate: features as an image of one channel, a 3×3 convolution of stride 2 in both axes, and all its outputs of one frame
 * into one vector.
 *
 * @param conv {@code [channels, 3·3]}, kernel time-major
 * @param out {@code [d, columns·channels]}; the checkpoint has [channels][columns], the product below makes [columns][channels]
 * @param columns of the convolution's output: ⌊(width − 1)/2⌋
 */
record Subsampling(Linear conv, Linear out, int columns) {
  private static final int KERNEL = 3;
  private static final int STRIDE = 2;

  /** Convolution outputs held at once. Fewer frames would make the wide second matrix, half a gigabyte, pass through memory more often. */
  private static final long CHUNK_BYTES = 100L << 20;

  static Subsampling load(TensorTable embed, Parameters parameters) {
    StoredTensor conv = embed.tensor("conv.0.weight", -1, 1, KERNEL, KERNEL);
    int channels = conv.dim(0);
    StoredTensor out = embed.tensor("out.0.weight", -1, -1);
    int columns = out.dim(1) / channels;
    if (columns * channels != out.dim(1)) {
      throw new CheckpointException(
          "tensor '%s' %s: its inputs are no multiple of the %d channels of the convolution".formatted(out.name(), out.shape(), channels));
    }
    return new Subsampling(
        parameters.linear(conv, Optional.of(embed.tensor("conv.0.bias", channels))),
        parameters.linear(
            out.name(), MatrixSource.reversed(out, channels, columns), Optional.of(embed.tensor("out.0.bias", out.dim(0)).toFloats())),
        columns);
  }

  /** Frames that come out of {@code frames}: output t reads rows 2t to 2t + 2. */
  static int frames(int frames) {
    return (frames - 1) / STRIDE;
  }

  /** Outputs whose three input rows lie below {@code length}. */
  static int validFrames(int length) {
    return Math.max(0, (length - 1) / STRIDE);
  }

  /** x {@code [t, width]} to {@code [⌊(t−1)/2⌋, d]}, times {@code scale}. */
  Tensor forward(Ops ops, Tensor x, float scale) {
    if ((x.cols() - 1) / STRIDE != columns) {
      throw new ShapeException(
          "conditioning on features " + x + ": this model's have " + (2 * columns + 1) + " or " + (2 * columns + 2) + " columns");
    }
    int frames = frames(x.rows());
    int channels = conv.n();
    Tensor y = ops.empty(frames, out.n());
    int chunk = Math.clamp(CHUNK_BYTES / ((long) columns * channels * Float.BYTES), 1, frames);
    for (int from = 0; from < frames; from += chunk) {
      int count = Math.min(chunk, frames - from);
      try (var _ = ops.scope()) {
        Tensor image = convolve(ops, x.rows(STRIDE * from, STRIDE * (from + count) + 1), count);
        ops.gemm(Rows.of(image), out, Activation.NONE, scale, Optional.empty(), Rows.of(y.rows(from, from + count)));
      }
    }
    return y;
  }

  /** One product for all cells of a run of frames: cell (t, f) reads three runs of three numbers, one row apart. */
  private Tensor convolve(Ops ops, Tensor x, int count) {
    int width = Math.toIntExact(x.view().rowStride());
    int channels = conv.n();
    Tensor image = ops.empty(count, columns * channels);
    Rows cells = new Rows(x, count, columns, STRIDE, STRIDE * width, KERNEL, width);
    ops.gemm(cells, conv, Activation.RELU, 1f, Optional.empty(), new Rows(image, count, columns, channels, columns * channels, 1, 0));
    return image;
  }
}
