package dev.syrinx.decode;

import dev.syrinx.weights.ModelConfig;
import java.util.OptionalDouble;

/**
 * How codes are chosen. Defaults and meaning are the official pipeline's.
 *
 * @param beams hypotheses kept at a time, 1 to 16; 1 means plain sampling
 * @param greedy take the best instead of drawing; temperature, top-k and top-p then play no part
 * @param temperature above 0; divides the scores
 * @param topK most candidates of a step; 0 for all
 * @param topP probability of the candidates of a step, above 0; 1 for all
 * @param typicalMass probability kept by typical sampling, between 0 and 1; empty for no such filter
 * @param repetitionPenalty above 0; 1 for none
 * @param lengthPenalty exponent of a finished beam's length, by which its score is divided; 0 compares scores as they are
 * @param maxTokens most codes, the stop id included
 */
public record SamplingOptions(
    int beams, boolean greedy, double temperature, int topK, double topP, OptionalDouble typicalMass, double repetitionPenalty,
    double lengthPenalty, int maxTokens) {
  /** Most beams: a step holds their logits and caches side by side. */
  public static final int MAX_BEAMS = 16;

  private static final SamplingOptions DEFAULTS = new SamplingOptions(3, false, 0.8, 30, 0.8, OptionalDouble.empty(), 10, 0, 1500);

  /** @throws IllegalArgumentException naming the option, its limits and what was given */
  public SamplingOptions {
    require(beams >= 1 && beams <= MAX_BEAMS, "beams", "1 to " + MAX_BEAMS, beams);
    require(
        temperature > 0 && temperature <= 100, "temperature", "above 0 and at most 100; for the likeliest choice use greedy", temperature);
    require(topK >= 0, "top-k", "0 (all candidates) or more", topK);
    require(topP > 0 && topP <= 1, "top-p", "above 0 and at most 1 (all candidates)", topP);
    double mass = typicalMass.orElse(0.5);
    require(mass > 0 && mass < 1, "typical mass", "between 0 and 1", mass);
    boolean penalty = repetitionPenalty > 0 && repetitionPenalty <= 1e6;
    require(penalty, "repetition penalty", "above 0 and at most 1000000 (1 for none)", repetitionPenalty);
    require(Math.abs(lengthPenalty) <= 100, "length penalty", "between -100 and 100 (0 for none)", lengthPenalty);
    require(maxTokens >= 1, "max tokens", "at least 1", maxTokens);
  }

  private static void require(boolean fits, String option, String limits, Number given) {
    if (!fits) {
      throw new IllegalArgumentException(option + " must be " + limits + ", got " + given);
    }
  }

  /** Three beams, temperature 0.8, top-k 30, top-p 0.8, repetition penalty 10, at most 1500 codes. */
  public static SamplingOptions defaults() {
    return DEFAULTS;
  }

  /** What a model's configuration asks for; the official defaults where it says nothing. */
  public static SamplingOptions of(ModelConfig.Generation wanted) {
    return new SamplingOptions(
        wanted.beams(), false, wanted.temperature(), wanted.topK(), wanted.topP(), OptionalDouble.empty(), wanted.repetitionPenalty(),
        wanted.lengthPenalty(), DEFAULTS.maxTokens());
  }

  public SamplingOptions withBeams(int value) {
    return new SamplingOptions(value, greedy, temperature, topK, topP, typicalMass, repetitionPenalty, lengthPenalty, maxTokens);
  }

  public SamplingOptions withGreedy(boolean value) {
    return new SamplingOptions(beams, value, temperature, topK, topP, typicalMass, repetitionPenalty, lengthPenalty, maxTokens);
  }

  public SamplingOptions withTemperature(double value) {
    return new SamplingOptions(beams, greedy, value, topK, topP, typicalMass, repetitionPenalty, lengthPenalty, maxTokens);
  }

  public SamplingOptions withTopK(int value) {
    return new SamplingOptions(beams, greedy, temperature, value, topP, typicalMass, repetitionPenalty, lengthPenalty, maxTokens);
  }

  public SamplingOptions withTopP(double value) {
    return new SamplingOptions(beams, greedy, temperature, topK, value, typicalMass, repetitionPenalty, lengthPenalty, maxTokens);
  }

  public SamplingOptions withTypicalMass(OptionalDouble value) {
    return new SamplingOptions(beams, greedy, temperature, topK, topP, value, repetitionPenalty, lengthPenalty, maxTokens);
  }

  public SamplingOptions withRepetitionPenalty(double value) {
    return new SamplingOptions(beams, greedy, temperature, topK, topP, typicalMass, value, lengthPenalty, maxTokens);
  }

  public SamplingOptions withLengthPenalty(double value) {
    return new SamplingOptions(beams, greedy, temperature, topK, topP, typicalMass, repetitionPenalty, value, maxTokens);
  }

  public SamplingOptions withMaxTokens(int value) {
    return new SamplingOptions(beams, greedy, temperature, topK, topP, typicalMass, repetitionPenalty, lengthPenalty, value);
  }

  /** Candidates that filters must leave: with beams, one more than there are stop ids, so that no beam dies. */
  int keep() {
    return beams > 1 ? 2 : 1;
  }

  /** Draws of a step: with beams twice as many as beams, so that stop ids among them leave enough. */
  int draws() {
    return beams > 1 ? 2 * beams : 1;
  }
}
