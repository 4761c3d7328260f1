package dev.syrinx.bench.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What one setting and scenario have shown so far. */
final class Subject {
  /** A calibration that takes this many times what it takes in a quiet moment has been disturbed. */
  static final double DISTURBED = 1.3;

  /** A process that nobody stops gets a processor more often than this, in seconds, on any machine that can be measured on. */
  static final double STALLED = 0.5;

  /**
   * What is taken once.
   *
   * @param counted declared cost by stage: bytes, operations, calls
   * @param kernels that the user brought, timed in place
   */
  record First(StudyRecord.Price price, Figures figures, StudyRecord.Output output, Map<String, double[]> counted, List<OwnKernel> kernels) {}

  /**
   * One timed run.
   *
   * @param process in which process of the study, from 1
   * @param round of the process
   * @param calibration seconds of the fixed loop beside it
   * @param waited share of its time that threads waited for a processor
   * @param stalled seconds of the longest pause of the whole process
   */
  record Sample(Map<String, Double> values, int process, int round, double calibration, double waited, double stalled) {}

  private final String key;
  private final Setting setting;
  private final Scenario scenario;
  private final List<Sample> samples = new ArrayList<>();
  private Optional<First> first = Optional.empty();
  private String failure = "";
  private boolean warm;
  private double seconds;

  Subject(String key, Setting setting, Scenario scenario) {
    this.key = key;
    this.setting = setting;
    this.scenario = scenario;
  }

  String key() {
    return key;
  }

  Setting setting() {
    return setting;
  }

  Scenario scenario() {
    return scenario;
  }

  Optional<First> first() {
    return first;
  }

  void first(First taken) {
    first = Optional.of(taken);
  }

  /** Why it is not measured any more; empty if it is. */
  String failure() {
    return failure;
  }

  void failed(String why) {
    failure = why;
  }

  boolean open() {
    return failure.isEmpty() && first.isPresent();
  }

  /** Whether it ran in this process. */
  boolean warm() {
    return warm;
  }

  /** It ran, and took this long. */
  void ran(double took) {
    warm = true;
    seconds = took;
  }

  /** What it took last. */
  double seconds() {
    return seconds;
  }

  void add(Sample sample) {
    samples.add(sample);
    seconds = sample.values.getOrDefault(StudyNames.TOTAL, seconds);
  }

  List<Sample> samples() {
    return samples;
  }

  /** Samples whose calibration is near the quiet one, and in which the process did not stand still. */
  List<Sample> quiet(double calm) {
    return samples.stream().filter(s -> s.calibration <= DISTURBED * calm && s.stalled < STALLED).toList();
  }

  /** What a calibration takes in a quiet moment: the lower fifth of all. */
  static double calm(double[] calibrations) {
    if (calibrations.length == 0) {
      return Double.POSITIVE_INFINITY;
    }
    double[] sorted = calibrations.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 5];
  }
}
