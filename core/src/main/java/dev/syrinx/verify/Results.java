package dev.syrinx.verify;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what a stage computed and holds it against the golden outputs. */
final class Results {
  private final GoldenData golden;
  private final String stage;
  private final List<Check> checks = new ArrayList<>();
  private final Set<String> open;

  Results(GoldenData golden, String stage) {
    this.golden = golden;
    this.stage = stage;
    this.open = new LinkedHashSet<>(golden.outputs(stage));
  }

  /** A float output in the golden layout. */
  void floats(String output, float[] got) {
    open.remove(output);
    checks.add(Check.floats(stage, output, golden.floats(stage + "/" + output), got, golden.tolerance(stage, output)));
  }

  /** A float output whose last two golden axes are {@code [channels, time]}, computed as {@code [time, channels]}. */
  void timeMajor(String output, float[] got) {
    floats(output, Arrangement.transposed(got, golden.dim(stage + "/" + output, -2)));
  }

  /** An integer output. */
  void ints(String output, int[] got) {
    open.remove(output);
    checks.add(Check.ints(stage, output, golden.ints(stage + "/" + output), got, golden.tolerance(stage, output)));
  }

  /** A score that is a sum of {@code terms} rounded ones: its own tolerance times their number. */
  void sum(String output, float got, double tolerance) {
    open.remove(output);
    checks.add(Check.floats(stage, output, golden.floats(stage + "/" + output), new float[] {got}, tolerance));
  }

  void add(Check check) {
    open.remove(check.output());
    checks.add(check);
  }

  /** All checks; an output that nobody computed is a failure. */
  List<Check> finish() {
    for (String output : open) {
      checks.add(Check.failed(stage, output, "is in the golden data, but was not computed"));
    }
    return checks;
  }
}
