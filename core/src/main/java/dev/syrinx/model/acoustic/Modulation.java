package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.MatrixSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.TensorTable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Everything in the estimator that depends on time alone: gains and shifts of all adaptive norms, the conditioning of the WaveNet, gain
 * and shift of the last norm. One row per step, computed once per schedule.
 *
 * <p>A row is {@code [norms][gain width | shift width]}, {@code [WaveNet layers][2·wave]}, {@code [shift wave | gain wave]}. The norms'
 * own gains and the 1 of the last norm's (1 + scale) are folded into the projections.
 */
final class Modulation {
  private static final float RMS_EPSILON = 1e-5f;
  private static final float LAST_EPSILON = 1e-6f;

  private final TimeEmbedding time;
  private final TimeEmbedding waveTime;
  private final Linear norms;
  private final Linear waves;
  private final Linear last;
  private final int width;
  private final int wave;

  private Modulation(TimeEmbedding time, TimeEmbedding waveTime, Linear norms, Linear waves, Linear last, int width, int wave) {
    this.time = time;
    this.waveTime = waveTime;
    this.norms = norms;
    this.waves = waves;
    this.last = last;
    this.width = width;
    this.wave = wave;
  }

  /**
   * @param adaptive names of the adaptive norms, in the order in which they are numbered
   * @param width of the transformer
   * @param wave width of the WaveNet
   * @param waveLayers its layers
   */
  static Modulation load(TensorTable table, List<String> adaptive, int width, int wave, int waveLayers, Parameters parameters) {
    Parameters exact = parameters.exact(); // runs once per utterance and scales everything: narrow storage would save no time
    String conditioning = "wavenet.cond_layer.conv.conv";
    int units = 2 * wave * waveLayers;
    return new Modulation(
        TimeEmbedding.load(table.under("t_embedder"), width, exact),
        TimeEmbedding.load(table.under("t_embedder2"), wave, exact),
        norms(table, adaptive, width, exact),
        exact.linear(table.weightNormed(conditioning, units, wave, 1), Optional.of(table.tensor(conditioning + ".bias", units))),
        last(table, width, wave, exact),
        width,
        wave);
  }

  private static Linear norms(TensorTable table, List<String> adaptive, int width, Parameters parameters) {
    MatrixSource[] weights = new MatrixSource[adaptive.size()];
    float[] bias = new float[weights.length * 2 * width];
    for (int i = 0; i < weights.length; i++) {
      TensorTable norm = table.under(adaptive.get(i));
      float[] gain = Arrays.copyOf(norm.tensor("norm.weight", width).toFloats(), 2 * width);
      Arrays.fill(gain, width, 2 * width, 1f); // weight first, bias second, no 1 +
      weights[i] = MatrixSource.of(norm.tensor("project_layer.weight", 2 * width, width)).scaled(gain);
      float[] shift = norm.tensor("project_layer.bias", 2 * width).toFloats();
      for (int j = 0; j < shift.length; j++) {
        bias[i * shift.length + j] = shift[j] * gain[j];
      }
    }
    return parameters.linear("adaptive norms", MatrixSource.below(weights), Optional.of(bias));
  }

  private static Linear last(TensorTable table, int width, int wave, Parameters parameters) {
    float[] bias = table.tensor("final_layer.adaLN_modulation.1.bias", 2 * wave).toFloats();
    for (int i = wave; i < 2 * wave; i++) { // shift first, scale second
      bias[i] += 1f;
    }
    MatrixSource weight = MatrixSource.of(table.tensor("final_layer.adaLN_modulation.1.weight", 2 * wave, width));
    return parameters.linear("final modulation", weight, Optional.of(bias));
  }

  /** The first embedding of times, {@code [n, width]}. */
  TimeEmbedding time() {
    return time;
  }

  /** The WaveNet's embedding of times, {@code [n, wave]}. */
  TimeEmbedding waveTime() {
    return waveTime;
  }

  /** Values of one row. */
  int rowWidth() {
    return norms.n() + waves.n() + last.n();
  }

  /** One row per time: {@code [times, rowWidth]}, a temporary of the open scope. */
  Tensor table(Ops ops, float... times) {
    Tensor table = ops.empty(times.length, rowWidth());
    try (var _ = ops.scope()) {
      Tensor embedded = time.apply(ops, Arrays.copyOf(times, times.length));
      ops.linearInto(embedded, norms, Activation.NONE, table.cols(0, norms.n()));
      ops.linearInto(waveTime.apply(ops, times), waves, Activation.NONE, table.cols(norms.n(), norms.n() + waves.n()));
      Tensor activated = ops.pointwise(embedded, Optional.empty(), Optional.empty(), Activation.SILU);
      ops.linearInto(activated, last, Activation.NONE, table.cols(norms.n() + waves.n(), rowWidth()));
    }
    return table;
  }

  /** An adaptive norm, its values taken from a row. */
  Norm norm(Tensor row, int index) {
    int at = index * 2 * width;
    return Norm.affine(row.rows(at, at + width), row.rows(at + width, at + 2 * width), RMS_EPSILON);
  }

  /** The conditioning of a layer of the WaveNet {@code [2·wave]}. */
  Tensor wave(Tensor row, int layer) {
    int at = norms.n() + layer * 2 * wave;
    return row.rows(at, at + 2 * wave);
  }

  /** The norm before the last layer. */
  Norm last(Tensor row) {
    int at = norms.n() + waves.n();
    return Norm.affine(row.rows(at + wave, at + 2 * wave), row.rows(at, at + wave), LAST_EPSILON);
  }
}
