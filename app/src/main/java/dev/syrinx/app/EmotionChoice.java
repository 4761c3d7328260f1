package dev.syrinx.app;

import dev.syrinx.synth.Emotion;
import dev.syrinx.text.emotion.EmotionVector;
import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Where the emotion comes from: one source at most. Use as a {@code @Mixin}. */
public final class EmotionChoice {
  /** One of three. */
  static final class Source {
    @Option(names = "--emotion-audio", paramLabel = "CLIP", description = "Take the emotion from another recording.")
    private Path audio;

    @Option(
        names = "--emotion-vector", split = ",", arity = "1", paramLabel = "W,…",
        description = "Eight weights: happy,angry,sad,afraid,disgusted,melancholic,surprised,calm.")
    private double[] vector;

    @Option(
        names = "--emotion-text", arity = "0..1", fallbackValue = "", paramLabel = "TEXT",
        description = "Read the emotion off this text, or off the spoken text if none is given.")
    private String text;
  }

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @ArgGroup private Source source;

  @Option(
      names = "--emotion-alpha", defaultValue = "1", paramLabel = "A",
      description = "Strength of that emotion (default: ${DEFAULT-VALUE}).")
  private double alpha;

  @Option(
      names = "--emotion-bias",
      description = "Damp and limit the vector's weights as the official web page does; without it they are used as given.")
  private boolean bias;

  /**
   * The emotion asked for.
   *
   * @throws ParameterException if it is not eight finite weights
   */
  public Emotion emotion() {
    if (!Double.isFinite(alpha)) {
      throw new ParameterException(spec.commandLine(), "--emotion-alpha must be a number, got " + alpha);
    }
    if (source == null) {
      return new Emotion.OfVoice();
    }
    if (source.audio != null) {
      return new Emotion.OfAudio(source.audio, (float) alpha);
    }
    return source.text != null ? new Emotion.OfText(source.text, alpha) : new Emotion.OfVector(vector());
  }

  private EmotionVector vector() {
    if (source.vector.length != 8 || !Arrays.stream(source.vector).allMatch(Double::isFinite)) {
      throw new ParameterException(
          spec.commandLine(), "--emotion-vector takes eight numbers (happy,angry,sad,afraid,disgusted,melancholic,surprised,calm), got "
              + Arrays.toString(source.vector));
    }
    EmotionVector given = EmotionVector.of(source.vector);
    return (bias ? given.balanced(true) : given).scaled(alpha);
  }
}
