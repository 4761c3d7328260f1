package dev.syrinx.bench.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimingsTest {
  private static final int SUBJECTS = 24;
  private static final int RUNS = 150;

  /**
   * What times are like on a shared machine, in parts of one: process by process the JIT compiles otherwise, and the machine is another; rounds have their own, too; single runs
   * scatter, and one in ten is disturbed and takes up to half as long again, which the loop beside it shows in part. Subjects are not equally noisy.
   */
  private static List<Observation> run(SplittableRandom random, int processes, int rounds, double compiled, double hour) {
    double slow = hour * random.nextGaussian();
    List<Observation> all = new ArrayList<>();
    double[] level = new double[SUBJECTS];
    double[] noisy = new double[SUBJECTS];
    for (int s = 0; s < SUBJECTS; s++) {
      level[s] = truth(s);
      noisy[s] = Math.exp(0.5 * Math.sin(9 * s));
    }
    for (int p = 1; p <= processes; p++) {
      double machine = slow + 0.05 * random.nextGaussian();
      double[] own = random.doubles(SUBJECTS).map(u -> compiled * random.nextGaussian()).toArray();
      for (int r = 1; r <= rounds; r++) {
        double round = 0.05 * random.nextGaussian();
        for (int s = 0; s < SUBJECTS; s++) {
          double hit = random.nextInt(10) == 0 ? 0.5 * random.nextDouble() : 0;
          double log = level[s] + machine + round + noisy[s] * (own[s] + 0.06 * random.nextGaussian()) + hit;
          all.add(new Observation("s" + s, p, r, Math.exp(log), List.of(round + 0.6 * hit + 0.05 * random.nextGaussian())));
        }
      }
    }
    return all;
  }

  private static double truth(int subject) {
    return 0.1 * (subject % 7);
  }

  private record Coverage(double ratios, double levels, double between, double gains, double width) {}

  private static Coverage coverage(int processes, int rounds, double compiled, double hour) {
    SplittableRandom random = new SplittableRandom(31L * processes + rounds);
    int ratios = 0;
    int levels = 0;
    int between = 0;
    int gains = 0;
    double width = 0;
    double shift = 0.025; // one in ten runs takes a quarter more, on the mean
    for (int i = 0; i < RUNS; i++) {
      Timings one = Timings.of(run(random, processes, rounds, compiled, hour));
      Timings other = Timings.of(run(random, processes, rounds, compiled, hour));
      for (int s = 0; s < SUBJECTS; s++) {
        Estimate ratio = one.ratio("s" + s, "s" + (s + 5) % SUBJECTS);
        ratios += holds(ratio, truth(s) - truth((s + 5) % SUBJECTS)) ? 1 : 0;
        levels += holds(one.level("s" + s), truth(s) + shift) ? 1 : 0;
        between += holds(other.level("s" + s).over(one.level("s" + s)), 0) ? 1 : 0;
        gains += holds(other.ratio("s" + s, "s" + (s + 5) % SUBJECTS).over(ratio), 0) ? 1 : 0;
        width += Math.log(ratio.high() / ratio.low()) / 2;
      }
    }
    double all = RUNS * SUBJECTS;
    return new Coverage(ratios / all, levels / all, between / all, gains / all, width / all);
  }

  private static boolean holds(Estimate estimate, double log) {
    return Math.log(estimate.low()) <= log && log <= Math.log(estimate.high());
  }

  @ParameterizedTest
  @CsvSource({"3,2,0.05", "3,3,0.05", "2,2,0.05", "2,3,0.05", "4,2,0.03"})
  void intervalsHoldTheTruthIn95OfHundred(int processes, int rounds, double compiled) {
    Coverage c = coverage(processes, rounds, compiled, 0);
    assertTrue(c.ratios >= 0.95, c::toString);
    assertTrue(c.levels >= 0.95, c::toString);
    assertTrue(c.between >= 0.95, c::toString);
    assertTrue(c.gains >= 0.95, c::toString);
    assertTrue(c.width < 0.25, () -> "intervals that say nothing: " + c);
  }

  /** What is slower than a whole run, such as neighbours that stay for an hour, no run knows of itself: times of two runs miss each other then, and gains do not. */
  @Test
  void anHourThatIsSlowerFallsOutOfGains() {
    Coverage c = coverage(3, 2, 0.05, 0.15);
    assertTrue(c.gains >= 0.95, c::toString);
    assertTrue(c.between < 0.93, c::toString);
  }

  @Test
  void oneProcessKnowsNothingOfTheNext() {
    Coverage same = coverage(1, 5, 0, 0);
    assertTrue(same.ratios >= 0.93, same::toString);
    Coverage other = coverage(1, 5, 0.05, 0);
    assertTrue(other.ratios < 0.93 && other.between < 0.9, other::toString);
  }

  @Test
  void valuesOfHand() {
    // Two processes; b takes twice of what a takes in one, and four times in the other.
    List<Observation> all = new ArrayList<>();
    double[][] values = {{1, 2, 3, 6}, {5, 20, 7, 28}};
    for (int p = 0; p < 2; p++) {
      for (int r = 0; r < 2; r++) {
        all.add(new Observation("a", p + 1, r, values[p][2 * r], List.of()));
        all.add(new Observation("b", p + 1, r, values[p][2 * r + 1], List.of()));
      }
    }
    Estimate ratio = Timings.of(all).ratio("b", "a");
    double step = Math.log(2);
    assertEquals(1.5 * step, ratio.log(), 1e-9);
    // The two differences of logarithms are one and two steps: variance of their mean step²/2/2. Two subjects share the two degrees of freedom of what each shows.
    assertEquals(step * step / 4, ratio.variance(), 1e-9);
    assertEquals(2, ratio.degrees(), 1e-9);
    assertEquals(2, Timings.of(all).processes());
  }

  @Test
  void whatWasTakenOnceHasNoInterval() {
    Timings one = Timings.of(List.of(new Observation("a", 1, 1, 2, List.of()), new Observation("b", 1, 1, 6, List.of())));
    assertFalse(one.ratio("b", "a").bounded());
    assertEquals(3, one.ratio("b", "a").value(), 1e-9);
    assertFalse(one.level("a").bounded());
    assertThrows(IllegalArgumentException.class, () -> one.level("c"));
    assertThrows(IllegalArgumentException.class, () -> new Observation("a", 1, 1, 0, List.of()));
  }
}
