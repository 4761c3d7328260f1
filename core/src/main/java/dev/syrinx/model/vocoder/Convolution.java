package dev.syrinx.model.vocoder;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Rows;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.StoredTensor;
import java.util.Optional;

/**
 * A convolution that keeps channels and length. Where a device multiplies wide matrices faster, some outputs that follow each other are one row of a wider product, whose weights are
 * those of the convolution, one tap further for each output, between zeros.
 *
 * @param layer {@code [together·channels, width·channels]}
 * @param taps odd
 * @param together outputs of a row
 * @param width inputs of a row
 */
record Convolution(Linear layer, int taps, int dilation, int together, int width) {
  /**
   * Takes a stored {@code [channels, channels, taps]}.
   *
   * @param rate samples per mel frame where it is: every length is a multiple of it
   */
  static Convolution load(StoredTensor weight, StoredTensor bias, int dilation, int rate, Parameters parameters) {
    int together = dilation == 1 ? together(parameters, weight.dim(0), rate) : 1;
    return together > 1 ? widened(weight, bias, together, parameters) : plain(weight, bias, dilation, parameters);
  }

  private static Convolution plain(StoredTensor weight, StoredTensor bias, int dilation, Parameters parameters) {
    return new Convolution(parameters.conv(weight, Optional.of(bias)), weight.dim(2), dilation, 1, weight.dim(2));
  }

  /** How many outputs fill the columns that the backend likes. */
  private static int together(Parameters parameters, int channels, int rate) {
    Backend backend = parameters.backend();
    boolean halves = backend.factors(parameters.precision().dtype()) == DType.F16;
    int together = halves ? Integer.highestOneBit(Math.max(1, backend.wideColumns() / channels)) : 1;
    return Math.min(together, Integer.lowestOneBit(rate));
  }

  /** Of dilation 1. */
  static Convolution widened(StoredTensor weight, StoredTensor bias, int together, Parameters parameters) {
    int channels = weight.dim(0);
    int taps = weight.dim(2);
    int width = Math.ceilDiv(taps + together - 1, together) * together;
    float[] from = weight.toFloats();
    float[] rows = new float[together * channels * width * channels];
    float[] repeated = new float[together * channels];
    for (int n = 0; n < repeated.length; n++) {
      int output = n % channels;
      int later = n / channels;
      for (int tap = 0; tap < taps; tap++) {
        for (int c = 0; c < channels; c++) {
          rows[(n * width + later + tap) * channels + c] = from[(output * channels + c) * taps + tap];
        }
      }
    }
    float[] once = bias.toFloats();
    for (int later = 0; later < together; later++) {
      System.arraycopy(once, 0, repeated, later * channels, channels);
    }
    Linear layer = parameters.linear(weight.name(), rows, together * channels, width * channels, Optional.of(repeated));
    return new Convolution(layer, taps, 1, together, width);
  }

  /** Samples on either side that reach an output. */
  int padding() {
    return (taps - 1) / 2 * dilation;
  }

  /** Zeros that the input needs on either side. */
  int margin() {
    return Math.max(padding(), width - together - padding());
  }

  /**
   * @param windows {@code [margin + length + margin, channels]}, contiguous, zero outside of the length
   * @param margin at least {@link #margin}
   * @param residual is added to the result
   * @param y {@code [length, channels]}, contiguous
   */
  void apply(Ops ops, Tensor windows, int margin, Optional<Tensor> residual, Tensor y) {
    if (together == 1) {
      ops.convInto(windows.rows(margin - padding(), margin + y.rows() + padding()), layer, 1, dilation, Activation.NONE, residual, y);
      return;
    }
    int run = together * y.cols();
    int rows = y.rows() / together;
    Rows from = new Rows(windows.rows(margin - padding(), windows.rows()), 1, rows, run, 0, width / together, run);
    ops.gemm(from, layer, Activation.NONE, 1f, residual, new Rows(y, 1, rows, run, 0, 1, 0));
  }
}
