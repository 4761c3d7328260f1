package dev.syrinx.model.synthetic;

import java.util.List;

/**
 * Dimensions of a model of random weights, in the names of the configuration files. Everything that a checkpoint's shapes decide is here.
 *
 * @param width w2v-BERT's hidden size, which is also the codec's, the conditioners' input and the latent projection's output
 * @param codes entries of the semantic codebook; the GPT has two more for start and stop
 */
public record SyntheticDims(
    int width, int codes, Gpt gpt, Conditioner speaker, Conditioner emotion, W2v w2v, Codec codec, Cam cam, Flow flow, Vocoder vocoder,
    Emo emo) {
  /** The text-to-codes transformer. */
  public record Gpt(int dim, int layers, int heads, int maxMel, int maxText, int textTokens) {}

  /** A conformer with its perceiver; {@code positions} rows of its position table. */
  public record Conditioner(
      int output, int units, int heads, int blocks, int perceiver, int latents, int headDim, int perceiverMult, int positions) {}

  /** w2v-BERT. */
  public record W2v(int input, int layers, int heads, int inner, int left, int right, int kernel) {}

  /** The semantic codec. */
  public record Codec(int dim, int vocos, int inner, int blocks) {}

  /** CAM++. */
  public record Cam(int head, int init, int growth, int bottleneck, int style, List<Integer> layers) {}

  /** Latent projection, length regulator and estimator. */
  public record Flow(
      int mels, int dim, int heads, int depth, int content, List<Integer> projection, int inner, int wavenet, int wavenetLayers,
      int kernel) {}

  /** BigVGAN. */
  public record Vocoder(int initial, List<Integer> rates, List<Integer> kernels, List<Integer> resKernels) {}

  /** Rows of the emotion matrices by emotion. */
  public record Emo(List<Integer> groups) {}

  private static final List<Integer> GROUPS = List.of(3, 17, 2, 8, 4, 5, 10, 24);

  /** The dimensions of the official release. */
  public static SyntheticDims official() {
    return new SyntheticDims(
        1024, 8192,
        new Gpt(1280, 24, 20, 1815, 600, 12000),
        new Conditioner(512, 2048, 8, 6, 1280, 32, 64, 2, 5000),
        new Conditioner(512, 1024, 4, 4, 1024, 1, 64, 2, 5000),
        new W2v(160, 24, 16, 4096, 64, 8, 31),
        new Codec(8, 384, 2048, 12),
        new Cam(32, 128, 32, 4, 192, List.of(12, 24, 16)),
        new Flow(80, 512, 8, 13, 512, List.of(256, 128), 1536, 512, 8, 5),
        new Vocoder(1536, List.of(4, 4, 2, 2, 2, 2), List.of(8, 8, 4, 4, 4, 4), List.of(3, 7, 11)),
        new Emo(GROUPS));
  }

  /** Small dimensions that differ from every other model's in every place where a constant could hide. */
  public static SyntheticDims odd() {
    return new SyntheticDims(
        40, 96,
        new Gpt(96, 2, 3, 90, 60, 400),
        new Conditioner(24, 40, 2, 1, 96, 32, 16, 3, 900),
        new Conditioner(20, 36, 2, 2, 56, 1, 8, 2, 900),
        new W2v(160, 17, 2, 56, 12, 5, 15),
        new Codec(6, 28, 44, 2),
        new Cam(3, 12, 5, 3, 18, List.of(12, 24, 16)),
        new Flow(80, 48, 3, 3, 36, List.of(20, 12), 256, 40, 2, 5),
        new Vocoder(48, List.of(4, 4, 4, 2), List.of(8, 8, 8, 4), List.of(3, 5)),
        new Emo(List.of(2, 3, 1, 4, 2, 2, 3, 5)));
  }
}
