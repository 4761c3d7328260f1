package dev.syrinx.model.synthetic;

import dev.syrinx.model.ModelSource;
import dev.syrinx.weights.BigVganConfig;
import dev.syrinx.weights.ModelConfig;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.W2vBertConfig;
import dev.syrinx.weights.WeightSource;
import java.util.List;
import java.util.Optional;

/**
 * A model of seeded random numbers in any dimensions, without files: it speaks noise, but takes the time and the memory of a real one. For
 * benchmarks at the official size, and for tests that no dimension is a constant.
 */
public final class SyntheticModel implements ModelSource {
  private final SyntheticDims dims;
  private final long seed;
  private final boolean hollow;

  /** The same dimensions and seed give the same numbers. */
  public SyntheticModel(SyntheticDims dims, long seed) {
    this(dims, seed, false);
  }

  private SyntheticModel(SyntheticDims dims, long seed, boolean hollow) {
    this.dims = dims;
    this.seed = seed;
    this.hollow = hollow;
  }

  /** Large tensors are all ones, which takes little time: for what depends on dimensions alone. */
  public static SyntheticModel hollow(SyntheticDims dims) {
    return new SyntheticModel(dims, 1, true);
  }

  private WeightSource source(String name, TensorList list) {
    return new SyntheticSource("random " + name, list, seed, hollow);
  }

  @Override
  public ModelConfig config() {
    SyntheticDims.Gpt g = dims.gpt();
    SyntheticDims.Flow f = dims.flow();
    SyntheticDims.Codec c = dims.codec();
    int hop = dims.vocoder().rates().stream().reduce(1, (a, b) -> a * b);
    return new ModelConfig(
        new ModelConfig.Gpt(
            g.dim(), g.layers(), g.heads(), g.maxMel(), g.maxText(), g.textTokens(), dims.codes() + 2, dims.codes(), dims.codes() + 1, 0, 1,
            conditioner(dims.speaker()), conditioner(dims.emotion())),
        new ModelConfig.SemanticCodec(dims.codes(), dims.width(), c.dim(), c.vocos(), c.inner(), c.blocks()),
        new ModelConfig.SpeechToMel(
            new ModelConfig.Spectrogram(22050, 4 * hop, 4 * hop, hop, f.mels(), 0, Optional.empty()),
            new ModelConfig.LengthRegulator(f.content(), dims.width(), 4),
            new ModelConfig.Transformer(f.dim(), f.heads(), f.depth(), f.mels(), f.content()),
            new ModelConfig.Wavenet(f.wavenet(), f.wavenetLayers(), f.kernel(), 1),
            dims.cam().style()),
        dims.emo().groups(),
        new ModelConfig.FileNames("", "", "", "", "", "", ""),
        new ModelConfig.Vocoder("bigvgan", "random"),
        ModelConfig.Generation.OFFICIAL,
        Optional.of("2.0"));
  }

  private static ModelConfig.Conditioner conditioner(SyntheticDims.Conditioner c) {
    return new ModelConfig.Conditioner(c.output(), c.units(), c.heads(), c.blocks(), c.perceiverMult());
  }

  @Override
  public W2vBertConfig w2vBertConfig() {
    SyntheticDims.W2v w = dims.w2v();
    return new W2vBertConfig(dims.width(), w.inner(), w.layers(), w.heads(), w.input(), w.kernel(), w.left(), w.right(), 1e-5);
  }

  @Override
  public BigVganConfig vocoderConfig() {
    SyntheticDims.Vocoder v = dims.vocoder();
    List<List<Integer>> dilations = v.resKernels().stream().map(k -> List.of(1, 3, 5)).toList();
    int hop = config().speechToMel().spectrogram().hopLength();
    return new BigVganConfig(
        v.rates(), v.kernels(), v.initial(), v.resKernels(), dilations, false, false, true, dims.flow().mels(), 4 * hop, hop, 4 * hop,
        22050, 0, Optional.empty());
  }

  @Override
  public WeightSource gpt() {
    return source("gpt", GptTensors.of(dims));
  }

  @Override
  public WeightSource flowMatching() {
    return source("flow matching", FlowTensors.estimator(dims));
  }

  @Override
  public WeightSource lengthRegulator() {
    return source("length regulator", FlowTensors.regulator(dims));
  }

  @Override
  public WeightSource latentProjection() {
    return source("latent projection", FlowTensors.projection(dims));
  }

  @Override
  public WeightSource w2vBert() {
    return source("w2v-BERT", PromptTensors.w2v(dims));
  }

  @Override
  public WeightSource featureStatistics() {
    return source("feature statistics", new TensorList().add("mean", dims.width()).add("var", dims.width()));
  }

  @Override
  public WeightSource semanticCodec() {
    return source("semantic codec", PromptTensors.codec(dims));
  }

  @Override
  public WeightSource speakerEncoder() {
    return source("CAM++", PromptTensors.cam(dims));
  }

  @Override
  public WeightSource vocoder() {
    return source("vocoder", FlowTensors.vocoder(dims));
  }

  @Override
  public StoredTensor speakerMatrix() {
    return matrix("speaker matrix", dims.cam().style());
  }

  @Override
  public StoredTensor emotionMatrix() {
    return matrix("emotion matrix", dims.gpt().dim());
  }

  private StoredTensor matrix(String name, int columns) {
    int rows = dims.emo().groups().stream().mapToInt(Integer::intValue).sum();
    return source(name, new TensorList().add("matrix", rows, columns)).tensor("matrix");
  }

  @Override
  public void close() {}
}
