package dev.syrinx.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class SamplingOptionsTest {
  @Test
  void defaultsAreTheOfficialOnes() {
    SamplingOptions d = SamplingOptions.defaults();
    assertEquals(new SamplingOptions(3, false, 0.8, 30, 0.8, OptionalDouble.empty(), 10, 0, 1500), d);
  }

  @Test
  void messagesNameTheOptionAndTheValue() {
    refused("beams", "0", o -> o.withBeams(0));
    refused("beams", "17", o -> o.withBeams(17));
    refused("temperature", "0.0", o -> o.withTemperature(0));
    refused("temperature", "NaN", o -> o.withTemperature(Double.NaN));
    refused("top-k", "-1", o -> o.withTopK(-1));
    refused("top-p", "0.0", o -> o.withTopP(0));
    refused("top-p", "1.1", o -> o.withTopP(1.1));
    refused("typical mass", "1.0", o -> o.withTypicalMass(OptionalDouble.of(1)));
    refused("repetition penalty", "0.0", o -> o.withRepetitionPenalty(0));
    refused("length penalty", "Infinity", o -> o.withLengthPenalty(Double.POSITIVE_INFINITY));
    refused("max tokens", "0", o -> o.withMaxTokens(0));
  }

  private static void refused(String option, String value, UnaryOperator<SamplingOptions> change) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> change.apply(SamplingOptions.defaults()));
    assertTrue(e.getMessage().startsWith(option) && e.getMessage().endsWith("got " + value), e.getMessage());
  }

  @Test
  void eachOptionChangesAlone() {
    SamplingOptions d = SamplingOptions.defaults();
    assertEquals(
        new SamplingOptions(1, true, 1.5, 7, 0.5, OptionalDouble.of(0.9), 2, 1, 9), d.withBeams(1)
            .withGreedy(true).withTemperature(1.5).withTopK(7).withTopP(0.5).withTypicalMass(OptionalDouble.of(0.9))
            .withRepetitionPenalty(2).withLengthPenalty(1).withMaxTokens(9));
  }
}
