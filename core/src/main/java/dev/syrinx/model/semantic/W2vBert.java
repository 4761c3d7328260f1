package dev.syrinx.model.semantic;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.W2vBertConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * w2v-BERT 2.0 up to the layer that IndexTTS-2 listens to. Attention sees the whole clip, convolutions see the past.
 *
 * <p>Taps: {@code w2v.hidden.N}, the input of layer N, and after the last layer its output; {@code [t, hidden]}.
 */
public final class W2vBert {
  /** The pipeline takes the output of this many layers, whatever the checkpoint has. */
  public static final int LAYERS = 17;

  private static final String LAYER = "encoder.layers.";

  private final Norm inputNorm;
  private final Linear projection;
  private final List<W2vBertLayer> layers;

  private W2vBert(Norm inputNorm, Linear projection, List<W2vBertLayer> layers) {
    this.inputNorm = inputNorm;
    this.projection = projection;
    this.layers = List.copyOf(layers);
  }

  /**
   * Takes the first {@link #LAYERS} layers of a checkpoint in the layout of its publisher.
   *
   * @throws CheckpointException if the checkpoint has fewer layers, or tensors of other names or shapes
   */
  public static W2vBert load(TensorTable table, W2vBertConfig config, Parameters parameters) {
    StoredTensor projection = table.tensor("feature_projection.projection.weight", -1, -1);
    int hidden = projection.dim(0);
    float eps = (float) config.layerNormEps();
    Norm inputNorm = W2vBertLayer.norm(table, "feature_projection.layer_norm", projection.dim(1), eps, parameters);
    Linear projected = parameters.linear(projection, Optional.of(table.tensor("feature_projection.projection.bias", hidden)));
    List<W2vBertLayer> layers = new ArrayList<>();
    while (layers.size() < LAYERS) {
      layers.add(W2vBertLayer.load(table.under(LAYER + layers.size()), hidden, config, parameters));
    }
    table.ignore("masked_spec_embed"); // training only
    ignoreUpperLayers(table);
    table.finish();
    return new W2vBert(inputNorm, projected, layers);
  }

  private static void ignoreUpperLayers(TensorTable table) {
    table.under("encoder.layers").names().stream()
        .map(name -> name.substring(0, Math.max(0, name.indexOf('.'))))
        .distinct()
        .filter(number -> number.matches("\\d{1,6}") && Integer.parseInt(number) >= LAYERS)
        .forEach(number -> table.ignore("encoder\\.layers\\." + number + "\\..*"));
  }

  /** Width of a feature row. */
  public int features() {
    return projection.k();
  }

  /** Width of the result. */
  public int hidden() {
    return projection.n();
  }

  /**
   * The output of the last layer {@code [t, hidden]}, masked rows included.
   *
   * @param x {@code [t, features]}
   * @param valid number of rows at the front that are real; the others are masked
   */
  public Tensor forward(Ops ops, Tensor x, int valid) {
    if (x.cols() != features() || valid < 1 || valid > x.rows()) {
      throw new ShapeException("w2v-BERT of " + x + " with " + valid + " valid rows; it takes [t, " + features() + "] and 1 to t of them");
    }
    Tensor h = ops.empty(x.rows(), hidden());
    try (var _ = ops.scope()) {
      ops.linearInto(ops.layerNorm(x, inputNorm), projection, Activation.NONE, h);
    }
    clear(ops, h, valid);
    ops.tap("w2v.hidden.0", h);
    for (int i = 0; i < layers.size(); i++) {
      layers.get(i).forwardInPlace(ops, h, valid);
      ops.tap("w2v.hidden." + (i + 1), h);
    }
    return h;
  }

  /** Sets the rows from {@code valid} on to zero; x is contiguous. */
  static void clear(Ops ops, Tensor x, int valid) {
    if (valid < x.rows()) {
      ops.fill(x.rows(valid, x.rows()), 0f);
    }
  }
}
