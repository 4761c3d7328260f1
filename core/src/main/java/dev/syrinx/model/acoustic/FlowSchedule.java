package dev.syrinx.model.acoustic;

import java.util.Arrays;
import java.util.Map;

/**
 * The times at which flow matching evaluates its estimator. Time runs from 0, noise, to 1, speech; all arithmetic is float32, as in the
 * reference.
 */
public final class FlowSchedule {
  /** Pruned steps in parts of 32 (Fast F5-TTS, arXiv 2505.19931): dense where the flow turns. */
  private static final Map<Integer, int[]> PRUNED =
      Map.of(
          5, new int[] {0, 2, 4, 8, 16, 32},
          6, new int[] {0, 2, 4, 6, 8, 16, 32},
          7, new int[] {0, 2, 4, 6, 8, 16, 24, 32},
          10, new int[] {0, 2, 4, 6, 8, 12, 16, 20, 24, 28, 32},
          12, new int[] {0, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32},
          16, new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32});

  private final float[] starts;
  private final float[] lengths;

  private FlowSchedule(float[] edges) {
    starts = new float[edges.length - 1];
    lengths = new float[edges.length - 1];
    float time = edges[0];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = time;
      lengths[i] = edges[i + 1] - edges[i];
      time += lengths[i]; // summed, not read off: the reference's times carry this rounding
    }
  }

  /**
   * Steps of equal length.
   *
   * @param steps 25 is the reference's number
   */
  public static FlowSchedule uniform(int steps) {
    if (steps < 1 || steps > 10_000) {
      throw new IllegalArgumentException("flow steps must be 1 to 10000, got " + steps);
    }
    float width = 1f / steps;
    float[] edges = new float[steps + 1];
    for (int i = 0; i <= steps; i++) {
      edges[i] = i < (steps + 1) / 2 ? width * i : 1f - width * (steps - i); // symmetric, as PyTorch's linspace
    }
    return new FlowSchedule(edges);
  }

  /** Steps that are short near the noise: the times u of equal steps become 1 − cos(πu/2) (F5-TTS's sway sampling with −1, arXiv 2410.06885). */
  public static FlowSchedule sway(int steps) {
    int count = uniform(steps).steps(); // checks the range
    float[] edges = new float[count + 1];
    for (int i = 0; i <= count; i++) {
      edges[i] = sway(i / (double) count);
    }
    return new FlowSchedule(edges);
  }

  /**
   * Empirically pruned steps over sway.
   *
   * @param steps 5, 6, 7, 10, 12 or 16
   */
  public static FlowSchedule epss(int steps) {
    int[] parts = PRUNED.get(steps);
    if (parts == null) {
      throw new IllegalArgumentException("pruned schedules have 5, 6, 7, 10, 12 or 16 steps, got " + steps);
    }
    float[] edges = new float[parts.length];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = sway(parts[i] / 32.0);
    }
    return new FlowSchedule(edges);
  }

  private static float sway(double u) {
    return u == 1 ? 1f : (float) (1 - Math.cos(Math.PI / 2 * u));
  }

  /**
   * Steps of any lengths.
   *
   * @param edges increasing from 0 to 1; one more than there are steps
   */
  public static FlowSchedule of(float... edges) {
    boolean fine = edges.length >= 2 && edges[0] == 0f && edges[edges.length - 1] == 1f;
    for (int i = 1; fine && i < edges.length; i++) {
      fine = edges[i] > edges[i - 1];
    }
    if (!fine) {
      throw new IllegalArgumentException("flow times must increase from 0 to 1, got " + Arrays.toString(edges));
    }
    return new FlowSchedule(edges);
  }

  /** Number of steps, that is of evaluations of the estimator. */
  public int steps() {
    return starts.length;
  }

  /** The time at which step {@code i} evaluates the estimator. */
  public float time(int i) {
    return starts[i];
  }

  /** How far step {@code i} goes. */
  public float length(int i) {
    return lengths[i];
  }

  /** All times. */
  float[] times() {
    return starts.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FlowSchedule that && Arrays.equals(starts, that.starts) && Arrays.equals(lengths, that.lengths);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(starts) + Arrays.hashCode(lengths);
  }

  @Override
  public String toString() {
    return "times " + Arrays.toString(starts);
  }
}
