package dev.syrinx.synth;

import dev.syrinx.backend.Ops;
import dev.syrinx.model.ModelFolder;
import dev.syrinx.model.emotion.EmotionTextModel;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.text.emotion.EmotionPrompt;
import dev.syrinx.text.emotion.EmotionVector;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.GenerationConfig;
import dev.syrinx.weights.ModelFile;
import dev.syrinx.weights.QwenConfig;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the emotion off a text with the model's classifier, which is loaded when it is first needed. */
final class EmotionReader {
  /** Answers are some 80 tokens; one that runs on is cut here and read as far as it goes. */
  private static final int MOST_TOKENS = 512;

  private final Optional<Path> model;
  private EmotionPrompt prompt;
  private EmotionTextModel network;

  private EmotionReader(Optional<Path> model) {
    this.model = model;
  }

  /** The reader of a model folder. */
  static EmotionReader of(Path model) {
    return new EmotionReader(Optional.of(model));
  }

  /** For models without a classifier. */
  static EmotionReader none() {
    return new EmotionReader(Optional.empty());
  }

  /**
   * The emotion of a text.
   *
   * @throws CheckpointException if the model has no classifier
   */
  EmotionVector read(String text, Ops ops) {
    if (network == null) {
      load(ops);
    }
    int[] ids = prompt.ids(text);
    try (var _ = ops.scope()) {
      return prompt.emotion(network.generate(ops, ids, MOST_TOKENS), text);
    }
  }

  private void load(Ops ops) {
    Path folder =
        model.orElseThrow(() -> new CheckpointException("this model has no emotion classifier; give the emotion as audio or as a vector"));
    try (ModelFolder source = new ModelFolder(folder)) {
      Path weights = source
          .files().find(ModelFile.EMOTION_MODEL)
          .orElseThrow(() -> new CheckpointException(folder + " has no " + ModelFile.EMOTION_MODEL.nameThere()
              + ", which reads emotions from text; add it, or give the emotion as audio or as a vector"));
      Path home = weights.toAbsolutePath().getParent();
      prompt = EmotionPrompt.read(home);
      network = EmotionTextModel.load(
          source.emotionModel(), QwenConfig.read(source.files().path(ModelFile.EMOTION_MODEL_CONFIG)),
          GenerationConfig.read(source.files().path(ModelFile.EMOTION_MODEL_GENERATION)).endTokens(),
          new Parameters(ops.backend(), Precision.BF16));
    }
  }
}
