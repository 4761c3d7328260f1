package dev.syrinx.bench.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Logarithms of values as sums: of the subject, of the round, which all subjects of the round share, and of what was taken beside. Found by sweeping medians, so that a run that somebody
 * disturbed does not draw the others with it.
 */
final class Effects {
  private static final int SWEEPS = 12;

  /** A round of few runs says little about itself: its effect is drawn to nothing as if it had up to this many more. */
  private static final double SHRINK = 1;

  /** Of values taken beside, no more than all of a change is laid to them. */
  private static final double MOST = 1;

  private final List<Observation> all;
  private final Map<Long, List<Integer>> blocks = new LinkedHashMap<>();
  private final Map<String, List<Integer>> subjects = new LinkedHashMap<>();
  private final double[] rest;
  private final Map<Long, Double> block = new LinkedHashMap<>();

  Effects(List<Observation> observations) {
    all = List.copyOf(observations);
    for (int i = 0; i < all.size(); i++) {
      blocks.computeIfAbsent(all.get(i).block(), k -> new ArrayList<>()).add(i);
      subjects.computeIfAbsent(all.get(i).subject(), k -> new ArrayList<>()).add(i);
    }
    rest = all.stream().mapToDouble(o -> Math.log(o.value())).toArray();
    explain();
    sweep(rest).forEach(block::put);
  }

  /** Takes off what was taken beside explains, within rounds and subjects. */
  private void explain() {
    int count = all.isEmpty() ? 0 : all.getFirst().beside().size();
    for (int k = 0; k < count; k++) {
      int which = k;
      double[] cause = all.stream().mapToDouble(o -> o.beside().get(which)).toArray();
      double[] inner = within(cause);
      double[] effect = within(rest);
      double product = 0;
      double square = 0;
      for (int i = 0; i < inner.length; i++) {
        product += inner[i] * effect[i];
        square += inner[i] * inner[i];
      }
      double slope = square == 0 ? 0 : Math.clamp(product / square, 0, MOST);
      for (int i = 0; i < rest.length; i++) {
        rest[i] -= slope * inner[i];
      }
    }
  }

  /** Values without the effects of their subjects and rounds. */
  private double[] within(double[] values) {
    double[] inner = values.clone();
    Map<Long, Double> rounds = sweep(inner);
    for (int i = 0; i < inner.length; i++) {
      inner[i] -= rounds.get(all.get(i).block());
    }
    subjects.values().forEach(own -> {
      double middle = median(own.stream().mapToDouble(i -> inner[i]).toArray());
      own.forEach(i -> inner[i] -= middle);
    });
    return inner;
  }

  /** Effects of the rounds. */
  private Map<Long, Double> sweep(double[] values) {
    Map<Long, Double> rounds = new LinkedHashMap<>();
    blocks.keySet().forEach(b -> rounds.put(b, 0.0));
    double[] subject = new double[values.length];
    double most = blocks.values().stream().mapToInt(List::size).max().orElse(1);
    for (int s = 0; s < SWEEPS; s++) {
      subjects.values().forEach(own -> {
        double middle = median(own.stream().mapToDouble(i -> values[i] - rounds.get(all.get(i).block())).toArray());
        own.forEach(i -> subject[i] = middle);
      });
      blocks.forEach((b, own) -> {
        double missing = SHRINK * (1 - own.size() / most);
        rounds.put(b, median(own.stream().mapToDouble(i -> values[i] - subject[i]).toArray()) * own.size() / (own.size() + missing));
      });
    }
    return rounds;
  }

  /** Median, for each unit of a subject, of what is left of its values without their rounds. */
  Map<Long, Double> units(String subject, boolean processes) {
    Map<Long, List<Double>> values = new LinkedHashMap<>();
    for (int i : subjects.getOrDefault(subject, List.of())) {
      Observation o = all.get(i);
      values.computeIfAbsent(processes ? o.process() : o.block(), k -> new ArrayList<>()).add(rest[i] - block.get(o.block()));
    }
    Map<Long, Double> units = new LinkedHashMap<>();
    values.forEach((unit, own) -> units.put(unit, median(own.stream().mapToDouble(Double::doubleValue).toArray())));
    return units;
  }

  /** What all subjects share in each unit: the mean over its runs of their rounds' effects. */
  double[] shared(boolean processes) {
    Map<Long, List<Double>> values = new LinkedHashMap<>();
    for (Observation o : all) {
      values.computeIfAbsent(processes ? o.process() : o.block(), k -> new ArrayList<>()).add(block.get(o.block()));
    }
    return values.values().stream().mapToDouble(own -> own.stream().mapToDouble(Double::doubleValue).average().orElseThrow()).toArray();
  }

  /** Names of what ran. */
  List<String> subjects() {
    return List.copyOf(subjects.keySet());
  }

  /** Sorts the values. */
  private static double median(double[] values) {
    Arrays.sort(values);
    int n = values.length;
    return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
  }
}
