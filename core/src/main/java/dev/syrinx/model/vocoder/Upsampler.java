package dev.syrinx.model.vocoder;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Rows;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * A transposed convolution as one matrix product. With rate u and width k, output sample o takes tap {@code (o + p) mod u + q·u} of input
 * {@code (o + p)/u − q}. So u consecutive outputs, counted from −p, depend on the same {@code taps = ceil(k/u)} inputs, and are one row of
 * the product.
 *
 * @param layer {@code [u·channels, taps·inputs]}, taps in the order of time
 * @param margin p, the outputs of the first row that lie before the signal
 */
record Upsampler(Linear layer, int rate, int taps, int margin) {
  /**
   * @param factor multiplies the weights, not the bias
   * @throws CheckpointException if the layer would not make exactly {@code rate} samples of each input
   */
  static Upsampler load(TensorTable table, int inputs, int channels, int width, int rate, float factor, Parameters parameters) {
    StoredTensor stored = table.weightNormed("", inputs, channels, width); // the norm is over all axes but the first, here the input's
    if (width < rate || (width - rate) % 2 != 0) {
      throw new CheckpointException(
          "tensor '%s': an upsampling by %d needs a width of %d or an even number more, not %d"
              .formatted(stored.name(), rate, rate, width));
    }
    float[] bias = table.tensor("bias", channels).toFloats();
    int taps = (width + rate - 1) / rate;
    float[] repeated = new float[rate * channels];
    for (int phase = 0; phase < rate; phase++) {
      System.arraycopy(bias, 0, repeated, phase * channels, channels);
    }
    float[] rows = phases(stored, channels, width, rate, factor);
    Linear layer = parameters.linear(stored.name(), rows, rate * channels, taps * inputs, Optional.of(repeated));
    return new Upsampler(layer, rate, taps, (width - rate) / 2);
  }

  /** Stored {@code [inputs][channels][width]} as {@code [phase][channel][tap][input]}, taps in the order of time, times a factor. */
  private static float[] phases(StoredTensor stored, int channels, int width, int rate, float factor) {
    int inputs = stored.dim(0);
    int taps = (width + rate - 1) / rate;
    float[] rows = new float[Math.multiplyExact(rate * channels, taps * inputs)];
    float[] one = new float[channels * width];
    for (int i = 0; i < inputs; i++) {
      stored.read((long) i * one.length, one.length, one, 0);
      for (int c = 0; c < channels; c++) {
        for (int w = 0; w < width; w++) {
          int tap = taps - 1 - w / rate;
          rows[((w % rate * channels + c) * taps + tap) * inputs + i] = factor * one[c * width + w];
        }
      }
    }
    return rows;
  }

  /** Zero rows that the input needs before its first row. */
  int before() {
    return taps - 1;
  }

  /** Zero rows that the input needs behind its last row: what the last rows of outputs read. */
  int behind() {
    return blocks(0);
  }

  /** Rows of outputs of as many inputs. */
  private int blocks(int inputs) {
    return inputs + (margin + rate - 1) / rate;
  }

  int channels() {
    return layer.n() / rate;
  }

  /** Rows that {@link #apply} needs in its target. */
  int capacity(int inputs) {
    return blocks(inputs) * rate;
  }

  /**
   * @param padded {@code [before + inputs + behind, channels]}, contiguous
   * @param target {@code [capacity, channels]}, contiguous
   * @return the rows of target that are the signal, {@code [rate·inputs, channels]}
   */
  Tensor apply(Ops ops, Tensor padded, int inputs, Tensor target) {
    int width = padded.cols();
    Rows from = new Rows(padded, 1, blocks(inputs), width, 0, taps, width);
    Rows to = new Rows(target, 1, blocks(inputs), layer.n(), 0, 1, 0);
    ops.gemm(from, layer, Activation.NONE, 1f, Optional.empty(), to);
    return target.rows(margin, margin + rate * inputs);
  }
}
