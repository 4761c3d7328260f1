package dev.syrinx.backend;

import dev.syrinx.kernels.View;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;

/**
 * Rows of a flat buffer as {@code gemm} walks them: row r of batch b starts at element {@code b·batchStride + r·rowStride} and, for inputs,
 * is made of {@code taps} runs that start {@code tapStride} apart.
 *
 * @param tensor any tensor; only its memory matters
 */
public record Rows(Tensor tensor, int batch, int rows, int rowStride, int batchStride, int taps, int tapStride) {
  /** The rows of a matrix. */
  public static Rows of(Tensor matrix) {
    int stride = Math.toIntExact(matrix.view().rowStride());
    return new Rows(matrix, 1, matrix.rows(), stride, 0, 1, 0);
  }

  /**
   * The windows of a one-dimensional convolution over padded time-major rows.
   *
   * @param padded {@code [time + padding, channels]}, contiguous
   * @param count output rows
   */
  public static Rows windows(Tensor padded, int count, int taps, int stride, int dilation) {
    int channels = Math.toIntExact(padded.view().rowStride());
    return new Rows(padded, 1, count, stride * channels, 0, taps, dilation * channels);
  }

  /** The same walk over another buffer. */
  Rows over(Tensor other) {
    return new Rows(other, batch, rows, rowStride, batchStride, 1, 0);
  }

  /**
   * All that a walk touches as one flat tensor.
   *
   * @param run elements read or written at each stop
   * @throws ShapeException if that is more than the buffer has
   */
  Tensor reach(int run) {
    long extent = (batch - 1L) * batchStride + (rows - 1L) * rowStride + (taps - 1L) * tapStride + run;
    View view = tensor.view();
    long have = view.segment().byteSize();
    if (have != 0 && extent * view.dtype().bytes() > have) {
      throw new ShapeException("walk of " + extent + " elements over " + view);
    }
    return Tensor.of(View.of(view.segment(), view.dtype(), Math.toIntExact(extent)));
  }
}
