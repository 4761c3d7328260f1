package dev.syrinx.model;

import dev.syrinx.weights.BigVganConfig;
import dev.syrinx.weights.ModelConfig;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.W2vBertConfig;
import dev.syrinx.weights.WeightSource;

/** Where a model's numbers come from: a folder of the official layout, or random numbers of given dimensions. */
public interface ModelSource extends AutoCloseable {
  ModelConfig config();

  W2vBertConfig w2vBertConfig();

  BigVganConfig vocoderConfig();

  /** The autoregressive model with its conditioners. */
  WeightSource gpt();

  /** The estimator of flow matching. */
  WeightSource flowMatching();

  WeightSource lengthRegulator();

  /** The projection of the GPT's latents. */
  WeightSource latentProjection();

  WeightSource w2vBert();

  /** {@code mean} and {@code var} of the speech features. */
  WeightSource featureStatistics();

  WeightSource semanticCodec();

  WeightSource speakerEncoder();

  WeightSource vocoder();

  /** {@code [rows, style]}. */
  StoredTensor speakerMatrix();

  /** {@code [rows, model width]}. */
  StoredTensor emotionMatrix();

  /** Nothing handed out so far is needed any more: files are unmapped. What is asked for later is opened again. */
  default void release() {}

  @Override
  void close();
}
