package dev.syrinx.model.semantic;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.kernels.conv.PadMode;
import dev.syrinx.kernels.signal.ArgmaxRows;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The semantic codec (RepCodec of MaskGCT): an encoder of convolutions and a vector quantiser with one codebook. Decoding is not needed:
 * codes become vectors by a table.
 *
 * <p>Always in float32: it is small, and a rounded sum can turn one code into another.
 *
 * <p>Taps: {@code semantic.encoder_out} {@code [t, width]}, {@code semantic.similarity} {@code [t, codes]} (cosines),
 * {@code semantic.s_ref} {@code [t, width]}.
 */
public final class SemanticCodec {
  private static final float EPS = 1e-6f;
  private static final float UNIT_EPS = 1e-12f;

  private final Linear embed;
  private final Norm norm;
  private final List<ConvNextBlock> blocks;
  private final Norm last;
  private final Linear out;
  private final CodecTables quantizer;

  private SemanticCodec(Linear embed, Norm norm, List<ConvNextBlock> blocks, Norm last, Linear out, CodecTables quantizer) {
    this.embed = embed;
    this.norm = norm;
    this.blocks = List.copyOf(blocks);
    this.last = last;
    this.out = out;
    this.quantizer = quantizer;
  }

  /** Codes {@code [t]} int32, and their vectors {@code [t, width]}. */
  public record Quantized(Tensor codes, Tensor vectors) {}

  /**
   * @throws dev.syrinx.weights.CheckpointException if a tensor is missing, of another shape or unknown
   */
  public static SemanticCodec load(TensorTable file, Parameters parameters) {
    Parameters exact = parameters.exact();
    TensorTable encoder = file.under("encoder.0");
    StoredTensor embed = encoder.tensor("embed.weight", -1, -1, -1);
    int channels = embed.dim(0);
    int width = embed.dim(1);
    List<ConvNextBlock> blocks = new ArrayList<>();
    while (blocks.isEmpty() || encoder.has("convnext." + blocks.size() + ".gamma")) {
      blocks.add(ConvNextBlock.load(encoder.under("convnext." + blocks.size()), channels, EPS, exact));
    }
    SemanticCodec codec =
        new SemanticCodec(
            exact.conv(embed, Optional.of(encoder.tensor("embed.bias", channels))),
            norm(encoder, "norm", channels, exact), blocks, norm(encoder, "final_layer_norm", channels, exact),
            exact.linear(file.tensor("encoder.1.weight", width, channels), Optional.of(file.tensor("encoder.1.bias", width))),
            CodecTables.load(file.under("quantizer.quantizers.0"), width, UNIT_EPS, exact));
    file.ignore("decoder\\..*");
    file.finish();
    return codec;
  }

  private static Norm norm(TensorTable table, String name, int width, Parameters parameters) {
    return parameters.norm(table.tensor(name + ".weight", width), table.tensor(name + ".bias", width), EPS);
  }

  /** Number of codes. */
  public int codes() {
    return quantizer.vectors().rows();
  }

  /** Width of the input and of the vectors. */
  public int width() {
    return quantizer.vectors().cols();
  }

  /** The code of each row of x {@code [t, width]}, and the codes' vectors. */
  public Quantized quantize(Ops ops, Tensor x) {
    if (x.cols() != width() || x.rows() == 0) {
      throw new ShapeException("semantic codec of " + x + "; it takes [t, " + width() + "] with t > 0");
    }
    Quantized result = new Quantized(ops.emptyInts(x.rows()), ops.empty(x.rows(), width()));
    try (var _ = ops.scope()) {
      Tensor encoded = encode(ops, x);
      ops.tap("semantic.encoder_out", encoded);
      Tensor direction = ops.l2Norm(ops.linear(encoded, quantizer.search()), Optional.empty(), 1f, UNIT_EPS);
      Tensor similarity = ops.linear(direction, quantizer.codebook());
      ops.tap("semantic.similarity", similarity);
      ops.run(ArgmaxRows.SPEC.arguments().set("x", similarity.view()).set("y", result.codes().view()));
    }
    embedInto(ops, result.codes(), result.vectors());
    ops.tap("semantic.s_ref", result.vectors());
    return result;
  }

  private Tensor encode(Ops ops, Tensor x) {
    int pad = embed.k() / width() / 2;
    Tensor h = ops.layerNorm(ops.conv(ops.pad(x, pad, pad, PadMode.ZERO), embed, 1, 1, x.rows(), Activation.NONE), norm);
    for (ConvNextBlock block : blocks) {
      h = block.forward(ops, h);
    }
    return ops.linear(ops.layerNorm(h, last), out);
  }

  /**
   * The vectors of codes.
   *
   * @param codes {@code [t]} int32, each in 0..{@link #codes()}−1: a start or stop token of the GPT is none
   */
  public Tensor embed(Ops ops, Tensor codes) {
    return ops.gather(quantizer.vectors(), codes, Optional.empty());
  }

  /**
   * The same of codes on the host.
   *
   * @throws IllegalArgumentException naming the first number that is no code
   */
  public Tensor embed(Ops ops, int[] codes) {
    for (int i = 0; i < codes.length; i++) {
      if (codes[i] < 0 || codes[i] >= codes()) {
        throw new IllegalArgumentException(
            "semantic code %d is %d, the codec has 0 to %d; start and stop tokens must be cut off".formatted(i, codes[i], codes() - 1));
      }
    }
    Tensor vectors = ops.empty(codes.length, width());
    try (var _ = ops.scope()) {
      embedInto(ops, ops.uploadInts(codes, codes.length), vectors);
    }
    return vectors;
  }

  /** The same into y {@code [t, width]}. */
  public void embedInto(Ops ops, Tensor codes, Tensor y) {
    ops.gatherInto(quantizer.vectors(), codes, Optional.empty(), y);
  }
}
