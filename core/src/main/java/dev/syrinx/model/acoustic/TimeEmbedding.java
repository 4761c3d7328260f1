package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/** The embedding of the flow's time: cosines, then sines, of 1000·t at geometric frequencies, through two layers. */
final class TimeEmbedding {
  private static final float SCALE = 1000f;

  private final float[] frequencies;
  private final Linear first;
  private final Linear second;

  private TimeEmbedding(float[] frequencies, Linear first, Linear second) {
    this.frequencies = frequencies;
    this.first = first;
    this.second = second;
  }

  /** @param width of the embedding */
  static TimeEmbedding load(TensorTable table, int width, Parameters parameters) {
    float[] frequencies = table.tensor("freqs", -1).toFloats();
    StoredTensor first = table.tensor("mlp.0.weight", width, 2 * frequencies.length);
    StoredTensor second = table.tensor("mlp.2.weight", width, width);
    return new TimeEmbedding(
        frequencies,
        parameters.linear(first, Optional.of(table.tensor("mlp.0.bias", width))),
        parameters.linear(second, Optional.of(table.tensor("mlp.2.bias", width))));
  }

  /** Times {@code [n]} to {@code [n, width]}. */
  Tensor apply(Ops ops, float[] times) {
    int half = frequencies.length;
    float[] waves = new float[times.length * 2 * half];
    for (int i = 0; i < times.length; i++) {
      for (int j = 0; j < half; j++) {
        float angle = SCALE * times[i] * frequencies[j]; // rounded in this order: angles reach 1000, where a unit in the last place shows
        waves[i * 2 * half + j] = (float) Math.cos(angle);
        waves[i * 2 * half + half + j] = (float) Math.sin(angle);
      }
    }
    Tensor x = ops.upload(waves, times.length, 2 * half);
    return ops.linear(ops.linear(x, first, Activation.SILU), second);
  }
}
