package dev.syrinx.weights;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code config.yaml} says about a model. Keys that inference does not need are not read. Widths that the official program fixes in
 * code, not in this file, have to be taken from the tensors' shapes.
 *
 * @param emotionGroups rows of the emotion and speaker matrices per emotion, in their order
 * @param generation how the model wants its codes drawn; the official program's defaults where the file does not say
 * @param version the model's version as written, such as "2.0"
 */
public record ModelConfig(
    Gpt gpt,
    SemanticCodec semanticCodec,
    SpeechToMel speechToMel,
    List<Integer> emotionGroups,
    FileNames files,
    Vocoder vocoder,
    Generation generation,
    Optional<String> version) {

  /** The autoregressive model (section {@code gpt}). */
  public record Gpt(
      int modelDim,
      int layers,
      int heads,
      int maxMelTokens,
      int maxTextTokens,
      int numberTextTokens,
      int numberMelCodes,
      int startMelToken,
      int stopMelToken,
      int startTextToken,
      int stopTextToken,
      Conditioner condition,
      Conditioner emotionCondition) {}

  /** A conformer and the perceiver behind it ({@code condition_module}, {@code emo_condition_module}). */
  public record Conditioner(int outputSize, int linearUnits, int attentionHeads, int blocks, int perceiverMult) {}

  /** The encoder and codebook of semantic codes. */
  public record SemanticCodec(
      int codebookSize, int hiddenSize, int codebookDim, int vocosDim, int vocosIntermediateDim, int vocosLayers) {}

  /** The flow-matching part (section {@code s2mel}). */
  public record SpeechToMel(
      Spectrogram spectrogram, LengthRegulator lengthRegulator, Transformer transformer, Wavenet wavenet, int styleDim) {}

  /**
   * The mel spectrogram.
   *
   * @param minFrequency Hz
   * @param maxFrequency Hz; empty for half the sample rate
   */
  public record Spectrogram(
      int sampleRate, int fftSize, int windowLength, int hopLength, int mels, double minFrequency, Optional<Double> maxFrequency) {}

  /**
   * The length regulator.
   *
   * @param convolutions convolutions with normalisation before the last one
   */
  public record LengthRegulator(int channels, int inChannels, int convolutions) {}

  /** The diffusion transformer ({@code s2mel.DiT}). */
  public record Transformer(int hiddenDim, int heads, int depth, int inChannels, int contentDim) {}

  /** The convolutional tail of the estimator ({@code s2mel.wavenet}). */
  public record Wavenet(int hiddenDim, int layers, int kernelSize, int dilationRate) {}

  /**
   * Defaults of drawing codes (section {@code inference}, which official files do not have: the official program has them in its code).
   *
   * @param repetitionPenalty the official 10 suits a codebook of thousands; one of hundreds repeats codes in any utterance and needs 1
   */
  public record Generation(int beams, double temperature, int topK, double topP, double repetitionPenalty, double lengthPenalty) {
    /** What the official program does. */
    public static final Generation OFFICIAL = new Generation(3, 0.8, 30, 0.8, 10, 0);
  }

  /** The vocoder and the repository it comes from. */
  public record Vocoder(String type, String name) {}

  /** Names of files and folders, relative to the model's folder. */
  public record FileNames(
      String tokenizer,
      String gpt,
      String speechToMel,
      String featureStatistics,
      String emotionMatrix,
      String speakerMatrix,
      String emotionModel) {}

  /**
   * Reads a configuration.
   *
   * @throws CheckpointException naming the file, the path of the key, what was expected and what was found
   */
  public static ModelConfig read(Path file) {
    return ModelConfigReader.read(ConfigNode.yaml(file));
  }
}
