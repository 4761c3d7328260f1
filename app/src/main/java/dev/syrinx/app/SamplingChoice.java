package dev.syrinx.app;

import dev.syrinx.decode.SamplingOptions;
import java.util.LinkedHashMap;
import java.util.Map;
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
      names = "--beams", paramLabel = "N",
      description = "Beams of the search, 1 to 16; 1 is plain sampling (default: the model's; 3 where it says nothing).")
  private Integer beams;

  @Option(names = "--greedy", description = "Take the likeliest code at every step, with one beam.")
  private boolean greedy;

  @Option(
      names = "--temperature", paramLabel = "T",
      description = "Divides the scores; lower is steadier (default: the model's; 0.8 where it says nothing).")
  private Double temperature;

  @Option(
      names = "--top-k", paramLabel = "K",
      description = "Most candidates of a step, 0 for all (default: the model's; 30 where it says nothing).")
  private Integer topK;

  @Option(
      names = "--top-p", paramLabel = "P",
      description = "Probability that the candidates hold, 1 for all (default: the model's; 0.8 where it says nothing).")
  private Double topP;

  @Option(names = "--typical", paramLabel = "MASS", description = "Typical sampling with this mass, between 0 and 1 (default: off).")
  private Double typical;

  @Option(
      names = "--repetition-penalty", paramLabel = "R",
      description = "Against codes already used, 1 for none (default: the model's; 10 where it says nothing).")
  private Double repetitionPenalty;

  @Option(
      names = "--length-penalty", paramLabel = "L",
      description = "Exponent of the length that divides a beam's score (default: the model's; 0 where it says nothing).")
  private Double lengthPenalty;

  @Option(
      names = "--max-tokens", paramLabel = "N",
      description = "Most codes of a segment, 50 a second of speech (default: 1500, or what the model has positions for).")
  private Integer maxTokens;

  /**
   * The options given, over those of the model.
   *
   * @param model what the model asks for
   * @throws ParameterException naming the option that is out of range
   */
  public SamplingOptions options(SamplingOptions model) {
    checkGreedy();
    OptionalDouble mass = typical == null ? OptionalDouble.empty() : OptionalDouble.of(typical);
    try {
      return new SamplingOptions(
          greedy ? 1 : or(beams, model.beams()), greedy, or(temperature, model.temperature()), or(topK, model.topK()),
          or(topP, model.topP()), mass, or(repetitionPenalty, model.repetitionPenalty()), or(lengthPenalty, model.lengthPenalty()),
          or(maxTokens, model.maxTokens()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** The likeliest code is the same whatever shapes the others' chances, so that asking for both is a mistake. */
  private void checkGreedy() {
    Map<String, Boolean> idle = new LinkedHashMap<>();
    idle.put("--beams", beams != null && beams != 1);
    idle.put("--temperature", temperature != null);
    idle.put("--top-k", topK != null);
    idle.put("--top-p", topP != null);
    idle.put("--typical", typical != null);
    idle.put("--length-penalty", lengthPenalty != null);
    idle.forEach((option, given) -> {
      if (greedy && given) {
        throw new ParameterException(spec.commandLine(), option + " changes nothing with --greedy: leave one of them out");
      }
    });
  }

  private static <T> T or(T given, T otherwise) {
    return given == null ? otherwise : given;
  }
}
