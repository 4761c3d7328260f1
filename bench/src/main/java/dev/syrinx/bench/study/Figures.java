package dev.syrinx.bench.study;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Quantities by name ({@link Metric#label}), and why others are not there.
 *
 * @param values finite numbers
 * @param absent reasons
 */
public record Figures(Map<String, Double> values, Map<String, String> absent) {
  /** Nothing at all. */
  public static final Figures NONE = new Figures(Map.of(), Map.of());

  /** Copies both. */
  public Figures {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    absent = Collections.unmodifiableMap(new LinkedHashMap<>(absent));
    values.forEach((name, value) -> {
      if (value == null || !Double.isFinite(value)) {
        throw new IllegalArgumentException(name + " is no finite number (" + value + "): say why it is absent instead");
      }
    });
  }

  /** A quantity if it was taken. */
  public OptionalDouble value(Metric metric) {
    Double value = values.get(metric.label());
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** Why a quantity was not taken, if somebody said so. */
  public Optional<String> why(Metric metric) {
    return Optional.ofNullable(absent.get(metric.label()));
  }

  /** The same with one more; a number that is not finite is absent. */
  public Figures with(Metric metric, double value) {
    if (!Double.isFinite(value)) {
      return without(metric, "it is " + value);
    }
    Map<String, Double> more = new LinkedHashMap<>(values);
    more.put(metric.label(), value);
    Map<String, String> fewer = new LinkedHashMap<>(absent);
    fewer.remove(metric.label());
    return new Figures(more, fewer);
  }

  /** The same with one more reason. */
  public Figures without(Metric metric, String why) {
    Map<String, String> more = new LinkedHashMap<>(absent);
    more.put(metric.label(), why);
    return new Figures(values, more);
  }

  /** Both together; the other's where both have something. */
  public Figures and(Figures other) {
    Figures all = this;
    for (Map.Entry<String, Double> e : other.values.entrySet()) {
      all = all.with(Metric.of(e.getKey()), e.getValue());
    }
    for (Map.Entry<String, String> e : other.absent.entrySet()) {
      all = all.without(Metric.of(e.getKey()), e.getValue());
    }
    return all;
  }
}
