package dev.syrinx.weights;

import java.util.EnumMap;
import java.util.Map;

/**
 * The tensors of a model by component. Files are mapped when a component is first asked for; {@link #release} ends a file's mapping once
 * its tensors have been copied elsewhere, so that its pages stop counting as this process's memory. Thread-safe.
 */
public final class ModelWeights implements AutoCloseable {
  private final ModelFiles files;
  private final Map<ModelFile, TorchArchive> archives = new EnumMap<>(ModelFile.class);
  private final Map<ModelFile, SafetensorsFile> safetensors = new EnumMap<>(ModelFile.class);

  /** Nothing is opened yet. */
  public ModelWeights(ModelFiles files) {
    this.files = files;
  }

  /** The autoregressive model with its conditioners; the file may have it at the top or under the key {@code model}. */
  public WeightSource gpt() {
    return archive(ModelFile.GPT).dictionaryOrRoot("model");
  }

  /** The estimator of flow matching; names begin with {@code estimator.}. */
  public WeightSource flowMatching() {
    return speechToMel("cfm");
  }

  /** The length regulator. */
  public WeightSource lengthRegulator() {
    return speechToMel("length_regulator");
  }

  /** The projection of the GPT's latents to the width of the codec. */
  public WeightSource latentProjection() {
    return speechToMel("gpt_layer");
  }

  /** The speech feature network. */
  public WeightSource w2vBert() {
    return safetensors(ModelFile.W2V_BERT);
  }

  /** The semantic codec. */
  public WeightSource semanticCodec() {
    return safetensors(ModelFile.SEMANTIC_CODEC);
  }

  /** The speaker encoder. */
  public WeightSource speakerEncoder() {
    return archive(ModelFile.SPEAKER_ENCODER).dictionary();
  }

  /** The vocoder. */
  public WeightSource vocoder() {
    return archive(ModelFile.VOCODER).dictionaryOrRoot("generator");
  }

  /** The language model that reads emotions from text. */
  public WeightSource emotionModel() {
    return safetensors(ModelFile.EMOTION_MODEL);
  }

  /** {@code mean} and {@code var} of the speech features, each {@code [width]}. */
  public WeightSource featureStatistics() {
    return archive(ModelFile.FEATURE_STATISTICS).dictionary();
  }

  /** One speaker vector for each stored emotion: {@code [rows, style]}. */
  public StoredTensor speakerMatrix() {
    return archive(ModelFile.SPEAKER_MATRIX).tensor();
  }

  /** The stored emotions: {@code [rows, model width]}. */
  public StoredTensor emotionMatrix() {
    return archive(ModelFile.EMOTION_MATRIX).tensor();
  }

  /** Closes one file; all tensors from it end with that. Asking again opens it again. */
  public synchronized void release(ModelFile file) {
    TorchArchive archive = archives.remove(file);
    if (archive != null) {
      archive.close();
    }
    SafetensorsFile opened = safetensors.remove(file);
    if (opened != null) {
      opened.close();
    }
  }

  @Override
  public synchronized void close() {
    for (ModelFile file : ModelFile.values()) {
      release(file);
    }
  }

  private WeightSource speechToMel(String part) {
    return archive(ModelFile.SPEECH_TO_MEL).dictionary("net", part).withoutPrefix("module.");
  }

  private synchronized TorchArchive archive(ModelFile file) {
    return archives.computeIfAbsent(file, wanted -> TorchArchive.open(files.path(wanted)));
  }

  private synchronized SafetensorsFile safetensors(ModelFile file) {
    return safetensors.computeIfAbsent(file, wanted -> SafetensorsFile.open(files.path(wanted)));
  }
}
