package dev.syrinx.model.speaker;

import dev.syrinx.backend.Linear;
import dev.syrinx.nn.MatrixSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * Batch normalisation as it is at inference, x·scale + shift per channel. After a convolution it disappears into its weights; before one,
 * where a ReLU stands between, it stays a pair of vectors.
 */
final class BatchNorm {
  private static final double EPS = 1e-5;

  private final float[] scale;
  private final float[] shift;

  private BatchNorm(float[] scale, float[] shift) {
    this.scale = scale;
    this.shift = shift;
  }

  /** Gain and shift are absent where the network was trained without. */
  static BatchNorm load(TensorTable table, int channels) {
    float[] mean = table.tensor("running_mean", channels).toFloats();
    float[] variance = table.tensor("running_var", channels).toFloats();
    Optional<float[]> weight = table.optional("weight", channels).map(StoredTensor::toFloats);
    Optional<float[]> bias = table.optional("bias", channels).map(StoredTensor::toFloats);
    float[] scale = new float[channels];
    float[] shift = new float[channels];
    for (int c = 0; c < channels; c++) {
      int channel = c;
      double factor = weight.map(w -> (double) w[channel]).orElse(1.0) / Math.sqrt(variance[c] + EPS);
      scale[c] = (float) factor;
      shift[c] = (float) (bias.map(b -> (double) b[channel]).orElse(0.0) - mean[c] * factor);
    }
    return new BatchNorm(scale, shift);
  }

  /** As vectors for {@code ops.pointwise}. */
  Affine affine(Parameters parameters) {
    return new Affine(Optional.of(parameters.tensor(scale, scale.length)), Optional.of(parameters.tensor(shift, shift.length)));
  }

  /** A one-dimensional convolution without bias {@code [n, c, taps]} and this after it, as one layer of {@code [n][tap][c]}. */
  Linear after(StoredTensor weight, Parameters parameters) {
    return after(weight.name(), MatrixSource.reversed(weight), parameters);
  }

  /** The same of rows {@code [n][k]} in the order that the product needs. */
  Linear after(String name, MatrixSource rows, Parameters parameters) {
    return parameters.linear(name, rows.scaled(scale), Optional.of(shift));
  }

  /** Scale and shift in the backend's memory. */
  record Affine(Optional<Tensor> scale, Optional<Tensor> shift) {}
}
