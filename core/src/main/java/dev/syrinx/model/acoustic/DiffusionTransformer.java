package dev.syrinx.model.acoustic;

import dev.syrinx.nn.Parameters;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.ModelConfig;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.WeightSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The estimator of flow matching: a transformer whose blocks of the first half feed those of the second (Bao et al. 2023), and a WaveNet
 * behind it. {@link EstimatorPass} runs it.
 */
record DiffusionTransformer(Merge merge, List<DitBlock> blocks, Modulation modulation, Tail tail, int width, int heads, int mels) {
  /** Never read by the reference: inputs of other variants, and positions. */
  private static final String UNUSED = "x_embedder\\..*|cond_embedder\\..*|content_mask_embedder\\..*|input_pos";

  static DiffusionTransformer load(WeightSource source, ModelConfig.SpeechToMel config, Parameters parameters) {
    TensorTable table = new TensorTable(source, "flow matching estimator");
    TensorTable estimator = table.under("estimator");
    estimator.ignore(UNUSED);
    ModelConfig.Transformer shape = config.transformer();
    ModelConfig.Wavenet wave = config.wavenet();
    int width = shape.hiddenDim();
    if (width % (2 * shape.heads()) != 0) {
      throw new CheckpointException(
          "s2mel.DiT: hidden_dim %d does not split into %d heads of even width".formatted(width, shape.heads()));
    }
    int depth = shape.depth();
    List<DitBlock> blocks = new ArrayList<>();
    List<String> norms = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      String layer = "transformer.layers." + i;
      blocks.add(DitBlock.load(estimator.under(layer), width, takesSkip(i, depth), i == depth - 1, parameters));
      norms.add(layer + ".attention_norm");
      norms.add(layer + ".ffn_norm");
    }
    norms.add("transformer.norm");
    DiffusionTransformer made =
        new DiffusionTransformer(
            Merge.load(estimator, width, shape.contentDim(), shape.inChannels(), config.styleDim(), parameters),
            List.copyOf(blocks),
            Modulation.load(estimator, norms, width, wave.hiddenDim(), wave.layers(), parameters),
            Tail.load(estimator, width, shape.inChannels(), wave, parameters),
            width,
            shape.heads(),
            shape.inChannels());
    table.finish();
    return made;
  }

  /** Whether a block's output is kept for a later block. */
  static boolean givesSkip(int block, int depth) {
    return block < depth / 2;
  }

  /** Whether a block reads what an earlier one kept. */
  static boolean takesSkip(int block, int depth) {
    return block > depth / 2;
  }

  /** The block whose output a block reads: last in, first out. */
  static int skipSource(int block, int depth) {
    return depth / 2 - 1 - (block - depth / 2 - 1);
  }

  /** Width of a head. */
  int headWidth() {
    return width / heads;
  }

  /** Inner width of the widest feed-forward part. */
  int hidden() {
    return blocks.stream().mapToInt(DitBlock::hidden).max().orElseThrow();
  }
}
