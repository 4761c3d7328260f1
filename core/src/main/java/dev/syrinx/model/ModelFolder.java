package dev.syrinx.model;

import dev.syrinx.weights.BigVganConfig;
import dev.syrinx.weights.ModelConfig;
import dev.syrinx.weights.ModelFile;
import dev.syrinx.weights.ModelFiles;
import dev.syrinx.weights.ModelWeights;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.W2vBertConfig;
import dev.syrinx.weights.WeightSource;
import java.nio.file.Path;

/** A model in the official file layout. */
public final class ModelFolder implements ModelSource {
  private final ModelFiles files;
  private final ModelWeights weights;

  /**
   * Finds the files; nothing is mapped yet.
   *
   * @throws dev.syrinx.weights.CheckpointException naming every file that is missing or of the wrong kind
   */
  public ModelFolder(Path folder) {
    files = ModelFiles.locate(folder);
    weights = new ModelWeights(files);
  }

  public ModelFiles files() {
    return files;
  }

  /** The emotion classifier's tensors. */
  public WeightSource emotionModel() {
    return weights.emotionModel();
  }

  @Override
  public ModelConfig config() {
    return files.config();
  }

  @Override
  public W2vBertConfig w2vBertConfig() {
    return W2vBertConfig.read(files.path(ModelFile.W2V_BERT_CONFIG));
  }

  @Override
  public BigVganConfig vocoderConfig() {
    return BigVganConfig.read(files.path(ModelFile.VOCODER_CONFIG));
  }

  @Override
  public WeightSource gpt() {
    return weights.gpt();
  }

  @Override
  public WeightSource flowMatching() {
    return weights.flowMatching();
  }

  @Override
  public WeightSource lengthRegulator() {
    return weights.lengthRegulator();
  }

  @Override
  public WeightSource latentProjection() {
    return weights.latentProjection();
  }

  @Override
  public WeightSource w2vBert() {
    return weights.w2vBert();
  }

  @Override
  public WeightSource featureStatistics() {
    return weights.featureStatistics();
  }

  @Override
  public WeightSource semanticCodec() {
    return weights.semanticCodec();
  }

  @Override
  public WeightSource speakerEncoder() {
    return weights.speakerEncoder();
  }

  @Override
  public WeightSource vocoder() {
    return weights.vocoder();
  }

  @Override
  public StoredTensor speakerMatrix() {
    return weights.speakerMatrix();
  }

  @Override
  public StoredTensor emotionMatrix() {
    return weights.emotionMatrix();
  }

  @Override
  public void release() {
    weights.close();
  }

  @Override
  public void close() {
    weights.close();
  }
}
