package dev.syrinx.model.acoustic;

import java.util.ArrayList;
import java.util.List;

/** How velocities become steps. All methods evaluate the estimator once a step. */
public enum FlowSolver {
  /** Each step follows its own velocity: the reference's method, of first order. */
  EULER,

  /**
   * Adams-Bashforth of two steps, of second order: a step follows the line through its own velocity and the one before. It begins with a step of Euler's, and again where guidance begins or ends,
   * because the velocity jumps there.
   */
  AB2;

  /** The steps on a schedule. */
  List<FlowStep> steps(FlowSchedule schedule, Guidance guidance) {
    List<FlowStep> steps = new ArrayList<>();
    for (int i = 0; i < schedule.steps(); i++) {
      float length = schedule.length(i);
      float weight = guidance.at(schedule.time(i));
      boolean follows = i > 0 && steps.get(i - 1).guidance() == weight;
      float half = this == AB2 && follows ? length / schedule.length(i - 1) / 2 : 0f;
      steps.add(new FlowStep(schedule.time(i), weight, length * (1 + half), half == 0f ? 0f : -length * half));
    }
    return List.copyOf(steps);
  }

  /** Whether steps use the velocity before theirs. */
  boolean looksBack() {
    return this == AB2;
  }
}
