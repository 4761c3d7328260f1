package dev.syrinx.model.semantic;

import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.W2vBertConfig;
import java.util.Optional;

/**
 * The semantic features of a clip: hidden states of w2v-BERT, each channel brought to the mean 0 and deviation 1 that it has over a corpus.
 *
 * <p>Tap: {@code w2v.cond} {@code [t, hidden]}.
 *
 * @param scale 1/deviation {@code [hidden]}
 * @param shift −mean/deviation {@code [hidden]}
 */
public record SemanticFeatures(W2vBert encoder, Tensor scale, Tensor shift) {
  /**
   * @param statistics the file with {@code mean} and {@code var}
   * @throws CheckpointException if a tensor is missing, of another shape or unknown, or a variance is not positive
   */
  public static SemanticFeatures load(TensorTable encoder, W2vBertConfig config, TensorTable statistics, Parameters parameters) {
    W2vBert network = W2vBert.load(encoder, config, parameters);
    float[] mean = statistics.tensor("mean", network.hidden()).toFloats();
    float[] variance = statistics.tensor("var", network.hidden()).toFloats();
    statistics.finish();
    float[] scale = new float[mean.length];
    float[] shift = new float[mean.length];
    for (int i = 0; i < mean.length; i++) {
      if (!(variance[i] > 0)) {
        throw new CheckpointException("w2v-BERT's statistics: var[" + i + "] is " + variance[i] + " and must be positive");
      }
      double deviation = Math.sqrt(variance[i]);
      scale[i] = (float) (1 / deviation);
      shift[i] = (float) (-mean[i] / deviation);
    }
    return new SemanticFeatures(network, parameters.tensor(scale, scale.length), parameters.tensor(shift, shift.length));
  }

  /** Width of a row of the result. */
  public int width() {
    return encoder.hidden();
  }

  /**
   * Conditioning rows {@code [t, width]}, one per feature row, masked ones included.
   *
   * @param x {@code [t, features]}
   * @param valid number of rows at the front that are real
   */
  public Tensor forward(Ops ops, Tensor x, int valid) {
    Tensor h = encoder.forward(ops, x, valid);
    ops.pointwiseInto(h, Optional.of(scale), Optional.of(shift), Activation.NONE, h);
    ops.tap("w2v.cond", h);
    return h;
  }
}
