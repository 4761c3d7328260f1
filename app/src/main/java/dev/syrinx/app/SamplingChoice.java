package dev.syrinx.app;

import dev.syrinx.decode.SamplingOptions;
import java.util.OptionalDouble;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** How codes are drawn. Use as a {@code @Mixin}. */
public final class SamplingChoice {
  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--beams", defaultValue = "3", paramLabel = "N",
      description = "Beams of the search, 1 to 16; 1 is plain sampling (default: ${DEFAULT-VALUE}).")
  private int beams;

  @Option(names = "--greedy", description = "Take the likeliest code at every step, with one beam.")
  private boolean greedy;

  @Option(
      names = "--temperature", defaultValue = "0.8", paramLabel = "T",
      description = "Divides the scores; lower is steadier (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-k", defaultValue = "30", paramLabel = "K",
      description = "Most candidates of a step, 0 for all (default: ${DEFAULT-VALUE}).")
  private int topK;

  @Option(
      names = "--top-p", defaultValue = "0.8", paramLabel = "P",
      description = "Probability that the candidates hold, 1 for all (default: ${DEFAULT-VALUE}).")
  private double topP;

  @Option(names = "--typical", paramLabel = "MASS", description = "Typical sampling with this mass, between 0 and 1 (default: off).")
  private Double typical;

  @Option(
      names = "--repetition-penalty", defaultValue = "10", paramLabel = "R",
      description = "Against codes already used, 1 for none (default: ${DEFAULT-VALUE}).")
  private double repetitionPenalty;

  @Option(
      names = "--length-penalty", defaultValue = "0", paramLabel = "L",
      description = "Exponent of the length that divides a beam's score (default: ${DEFAULT-VALUE}).")
  private double lengthPenalty;

  @Option(
      names = "--max-tokens", paramLabel = "N",
      description = "Most codes of a segment, 50 a second of speech (default: 1500, or what the model has positions for).")
  private Integer maxTokens;

  /**
   * The options given.
   *
   * @throws ParameterException naming the option that is out of range
   */
  public SamplingOptions options() {
    OptionalDouble mass = typical == null ? OptionalDouble.empty() : OptionalDouble.of(typical);
    int most = maxTokens == null ? SamplingOptions.defaults().maxTokens() : maxTokens;
    try {
      return new SamplingOptions(greedy ? 1 : beams, greedy, temperature, topK, topP, mass, repetitionPenalty, lengthPenalty, most);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
