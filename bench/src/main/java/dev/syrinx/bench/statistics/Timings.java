package dev.syrinx.bench.statistics;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values of many subjects, taken in rounds, perhaps in several processes: what each subject takes and what ratios they have, with intervals.
 *
 * <p>The unit that intervals count is the process where there are several, because each compiles in its own way, and the round where there is one. What all subjects share in a unit falls out
 * of ratios. How much a subject differs from unit to unit is taken from its own units and from those of the others, {@link Moderation}.
 */
public final class Timings {
  /** What is known of a subject: the mean over its units without what all share, with its variance. */
  private record Level(double mean, Estimate noise) {}

  private final Map<String, Level> levels = new LinkedHashMap<>();
  private final Estimate shared;
  private final int processes;

  private Timings(Effects effects, int processes) {
    this.processes = processes;
    boolean byProcess = processes > 1;
    double[] common = effects.shared(byProcess);
    shared = common.length < 2 ? Estimate.unbounded(mean(common)) : new Estimate(mean(common), variance(common) / common.length, common.length - 1);
    Map<String, double[]> units = new LinkedHashMap<>();
    effects.subjects().forEach(s -> units.put(s, effects.units(s, byProcess).values().stream().mapToDouble(Double::doubleValue).toArray()));
    // A share of each subject's noise went into what all share.
    double lost = units.size() < 2 ? 1 : units.size() / (units.size() - 1.0);
    List<double[]> several = units.values().stream().filter(u -> u.length > 1).toList();
    Moderation moderation = Moderation.of(
        several.stream().mapToDouble(u -> lost * variance(u)).toArray(), several.stream().mapToDouble(u -> u.length - 1).toArray());
    units.forEach((subject, own) -> {
      Estimate one = moderation.of(own.length > 1 ? lost * variance(own) : 0, own.length - 1);
      levels.put(subject, new Level(mean(own), new Estimate(0, one.variance() / own.length, one.degrees())));
    });
  }

  /** Of observations in any order. */
  public static Timings of(List<Observation> observations) {
    return new Timings(new Effects(observations), (int) observations.stream().mapToInt(Observation::process).distinct().count());
  }

  /** Processes in which there are observations. */
  public int processes() {
    return processes;
  }

  /**
   * What a subject takes, its interval with what all subjects share.
   *
   * @throws IllegalArgumentException if it was not observed
   */
  public Estimate level(String subject) {
    Level own = of(subject);
    double log = own.mean + shared.log();
    return shared.bounded() && (own.noise.bounded() || levels.size() == 1)
        ? own.noise.bounded() ? Estimate.sum(log, shared, own.noise) : new Estimate(log, shared.variance(), shared.degrees()) : Estimate.unbounded(log);
  }

  /**
   * What one subject takes over what another does. Of a subject over itself it is 1, without an interval.
   *
   * @throws IllegalArgumentException if one was not observed
   */
  public Estimate ratio(String over, String under) {
    Level a = of(over);
    Level b = of(under);
    double log = a.mean - b.mean;
    return over.equals(under) || !a.noise.bounded() || !b.noise.bounded() ? Estimate.unbounded(log) : Estimate.sum(log, a.noise, b.noise);
  }

  private Level of(String subject) {
    Level level = levels.get(subject);
    if (level == null) {
      throw new IllegalArgumentException("'" + subject + "' was not observed");
    }
    return level;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
  }
}
