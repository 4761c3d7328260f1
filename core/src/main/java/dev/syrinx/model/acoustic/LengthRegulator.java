package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.kernels.conv.PadMode;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.ModelConfig;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.WeightSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Stretches semantic embeddings to mel frames: nearest neighbours, then convolutions with normalisation over the whole sequence. The
 * output at any frame depends on the full length, so prompt and target are regulated apart and never padded.
 *
 * @param stages convolution, normalisation, Mish
 */
public record LengthRegulator(Linear input, List<Stage> stages, Linear output) {
  private static final float EPSILON = 1e-5f;
  private static final float FRAMES_PER_CODE = 1.72f;

  /** A convolution of odd width with zero padding, and the normalisation behind it. */
  public record Stage(Linear convolution, Norm norm) {}

  /** Copies the list. */
  public LengthRegulator {
    stages = List.copyOf(stages);
  }

  /**
   * Loads {@code length_regulator}.
   *
   * @throws dev.syrinx.weights.CheckpointException if the tensors do not fit the configuration
   */
  public static LengthRegulator load(WeightSource source, ModelConfig.LengthRegulator config, Parameters parameters) {
    TensorTable table = new TensorTable(source, "length regulator");
    table.ignore("embedding\\.weight|mask_token|f0_.*"); // of discrete and pitch inputs, which this model does not have
    int channels = config.channels();
    StoredTensor entry = table.tensor("content_in_proj.weight", channels, config.inChannels());
    Linear input = parameters.linear(entry, bias(table, "content_in_proj", channels));
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < config.convolutions(); i++) {
      String convolution = "model." + 3 * i;
      String norm = "model." + (3 * i + 1);
      StoredTensor weight = table.tensor(convolution + ".weight", channels, channels, -1);
      Acoustic.oddTaps(weight);
      stages.add(
          new Stage(
              parameters.conv(weight, bias(table, convolution, channels)),
              parameters.norm(table.tensor(norm + ".weight", channels), table.tensor(norm + ".bias", channels), EPSILON)));
    }
    String last = "model." + 3 * config.convolutions();
    StoredTensor weight = table.tensor(last + ".weight", -1, channels, 1);
    Linear output = parameters.conv(weight, bias(table, last, weight.dim(0)));
    table.finish();
    return new LengthRegulator(input, stages, output);
  }

  private static Optional<StoredTensor> bias(TensorTable table, String layer, int width) {
    return Optional.of(table.tensor(layer + ".bias", width));
  }

  /** Mel frames for as many codes: 1.72 per code, truncated as the reference does in float32. */
  public static int frames(int codes) {
    return (int) (codes * FRAMES_PER_CODE);
  }

  /**
   * Semantic embeddings {@code [n, codec width]} to conditions {@code [frames, channels]}.
   *
   * @throws ShapeException if either length is zero
   */
  public Tensor apply(Ops ops, Tensor embeddings, int frames) {
    if (embeddings.rows() < 1 || frames < 1) {
      throw new ShapeException("regulating " + embeddings.rows() + " embeddings to " + frames + " frames; both must be at least 1");
    }
    Tensor result = ops.empty(frames, output.n());
    try (var _ = ops.scope()) {
      Tensor x = ops.linear(embeddings, input); // before the repetition: fewer rows
      x = ops.gather(x, ops.uploadInts(nearest(embeddings.rows(), frames), frames), Optional.empty());
      for (Stage stage : stages) {
        int reach = stage.convolution().k() / x.cols() / 2;
        Tensor convolved = ops.conv(ops.pad(x, reach, reach, PadMode.ZERO), stage.convolution(), 1, 1, frames, Activation.NONE);
        x = ops.groupNorm(convolved, stage.norm(), Activation.MISH);
      }
      ops.linearInto(x, output, Activation.NONE, result);
    }
    return result;
  }

  /**
   * Source rows of nearest-neighbour interpolation; the ratio and its product are rounded to float32, which decides ties as the reference
   * does.
   */
  static int[] nearest(int from, int to) {
    float scale = (float) from / (float) to;
    int[] rows = new int[to];
    for (int i = 0; i < to; i++) {
      rows[i] = Math.min((int) (i * scale), from - 1);
    }
    return rows;
  }
}
