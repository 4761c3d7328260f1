package dev.syrinx.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RatioTest {
  private static final int TRIALS = 300;

  private static List<Double> draw(int count, DoubleSupplier from) {
    return DoubleStream.generate(from).limit(count).boxed().toList();
  }

  private static double missed(int samples, double factor, DoubleSupplier from) {
    int missed = 0;
    for (int i = 0; i < TRIALS; i++) {
      Ratio r = Ratio.of(draw(samples, () -> factor * from.getAsDouble()), draw(samples, from));
      missed += r.low() <= factor && factor <= r.high() ? 0 : 1;
    }
    return missed / (double) TRIALS;
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 7, 9, 15})
  void theIntervalHoldsTheTrueRatioInAtLeast95OfHundredRuns(int samples) {
    Random random = new Random(samples);
    // Three standard deviations of the trials above 5 %: a method that misses 10 % fails.
    double allowed = 0.05 + 3 * Math.sqrt(0.05 * 0.95 / TRIALS);
    assertTrue(missed(samples, 1, () -> Math.exp(0.1 * random.nextGaussian())) < allowed);
    assertTrue(missed(samples, 1.7, () -> Math.exp(0.1 * random.nextGaussian())) < allowed);
    assertTrue(missed(samples, 1, () -> 1 - 0.1 * Math.log(random.nextDouble())) < allowed,
        "times with a tail: never shorter than the work");
  }

  @Test
  void aDifferenceOfThreeStandardDeviationsIsSeen() {
    Random random = new Random(3);
    int seen = 0;
    for (int i = 0; i < TRIALS; i++) {
      seen += Ratio.of(draw(7, () -> 1.3 * Math.exp(0.1 * random.nextGaussian())),
          draw(7, () -> Math.exp(0.1 * random.nextGaussian()))).differs() ? 1 : 0;
    }
    assertTrue(seen > 0.9 * TRIALS, () -> "a slower side was seen in too few runs");
  }

  @Test
  void valuesOfHand() {
    Ratio r = Ratio.of(List.of(4.0, 2.0, 3.0, 2.0, 9.0), List.of(1.0, 2.0, 1.5, 7.0, 1.0));
    assertEquals(2.0, r.value(), 1e-12, "median 3 over median 1.5");
    assertTrue(r.low() >= 2.0 / 7 && r.high() <= 9.0, "within the extremes");
    assertEquals(0.5, r.inverse().value(), 1e-12);
    assertEquals(r.low(), 1 / r.inverse().high(), 1e-12);
    assertEquals(2.5 / 2, Ratio.of(List.of(1.0, 4.0, 2.0, 3.0), List.of(2.0)).value(), 1e-12, "the mean of the two in the middle");
  }

  @Test
  void ranksAreCountedExactly() {
    // Tables of Mann and Whitney: of the 70 orders of 4 and 4 values one wins no pair, one wins one, two win two.
    assertEquals(2 / 70.0, RankTest.chance(new double[] {1, 2, 3, 4}, new double[] {5, 6, 7, 8}), 1e-12);
    assertEquals(4 / 70.0, RankTest.chance(new double[] {1, 2, 3, 5}, new double[] {4, 6, 7, 8}), 1e-12);
    assertEquals(8 / 70.0, RankTest.chance(new double[] {1, 2, 4, 5}, new double[] {3, 6, 7, 8}), 1e-12);
    assertEquals(2 / 20.0, RankTest.chance(new double[] {7, 8, 9}, new double[] {1, 2, 3}), 1e-12);
    assertEquals(1, RankTest.chance(new double[] {1, 2, 3}, new double[] {1, 2, 3}), 1e-12);
    assertEquals(RankTest.chance(new double[] {1, 4, 9}, new double[] {2, 3, 5, 6, 7}), RankTest.chance(new double[] {2, 3, 5, 6, 7}, new double[] {1, 4, 9}), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 9})
  void equalSidesAreRarelyCalledDifferent(int samples) {
    Random random = new Random(10 + samples);
    DoubleSupplier tail = () -> 1 - 0.1 * Math.log(random.nextDouble());
    int wrong = 0;
    for (int i = 0; i < TRIALS; i++) {
      wrong += Ratio.of(draw(samples, tail), draw(samples, tail)).differs() ? 1 : 0;
    }
    assertTrue(wrong <= 0.05 * TRIALS, "called different: " + wrong + " of " + TRIALS);
    assertTrue(samples > 3 || wrong == 0, "three a side say nothing");
  }

  @Test
  void constantSidesHaveNoWidth() {
    Ratio r = Ratio.of(List.of(3.0, 3.0, 3.0, 3.0, 3.0), List.of(2.0, 2.0, 2.0, 2.0, 2.0));
    assertEquals(new Ratio(1.5, 1.5, 1.5, 2 / 252.0, 5), r);
    assertTrue(r.differs());
  }

  @Test
  void tooFewSamplesGiveNoVerdict() {
    assertEquals("×2.00, too few rounds for a verdict", Ratio.of(List.of(2.0), List.of(1.0)).words(), "no bounds of one round");
    assertFalse(Ratio.of(List.of(9.0, 9.0, 9.0), List.of(1.0, 1.0, 1.0, 1.0, 1.0)).differs());
    assertThrows(IllegalArgumentException.class, () -> Ratio.of(List.of(), List.of(1.0)));
    assertThrows(IllegalArgumentException.class, () -> Ratio.of(List.of(1.0), List.of(0.0)));
    assertThrows(IllegalArgumentException.class, () -> Ratio.of(List.of(Double.NaN), List.of(1.0)));
  }
}
