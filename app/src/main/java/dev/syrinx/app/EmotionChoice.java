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

  /** What the engine takes at most, of a weight and of alpha. */
  private static final double LARGEST = 100;

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @ArgGroup private Source source;

  @Option(
      names = "--emotion-alpha", paramLabel = "A",
      description = "Strength of that emotion (default: 1).")
  private Double given;

  @Option(
      names = "--emotion-bias",
      description = "Damp and limit the vector's weights as the official web page does; without it they are used as given.")
  private boolean bias;

  /**
   * The emotion asked for.
   *
   * @throws ParameterException if it is not eight weights, or if an option has no emotion to be about
   */
  public Emotion emotion() {
    double alpha = given == null ? 1 : given;
    if (!(Math.abs(alpha) <= LARGEST)) {
      throw new ParameterException(spec.commandLine(), "--emotion-alpha must be a number from -100 to 100, usually 0 to 1, got " + alpha);
    }
    if (bias && (source == null || source.vector == null)) {
      throw new ParameterException(spec.commandLine(), "--emotion-bias is about --emotion-vector: give one, or leave it out");
    }
    if (source == null) {
      if (given != null) {
        throw new ParameterException(
            spec.commandLine(),
            "--emotion-alpha is about --emotion-audio, --emotion-vector or --emotion-text: give one of them, or leave it out");
      }
      return new Emotion.OfVoice();
    }
    if (source.audio != null) {
      return new Emotion.OfAudio(source.audio, (float) alpha);
    }
    return source.text != null ? new Emotion.OfText(source.text, alpha) : new Emotion.OfVector(vector(alpha));
  }

  private EmotionVector vector(double alpha) {
    if (source.vector.length != 8 || !Arrays.stream(source.vector).allMatch(w -> Math.abs(w) <= LARGEST)) {
      throw new ParameterException(
          spec.commandLine(), "--emotion-vector takes eight numbers from -100 to 100, usually 0 to 1"
              + " (happy,angry,sad,afraid,disgusted,melancholic,surprised,calm), got " + Arrays.toString(source.vector));
    }
    EmotionVector given = EmotionVector.of(source.vector);
    return (bias ? given.balanced(true) : given).scaled(alpha);
  }
}
