package dev.syrinx.model.acoustic;

/**
 * How flow matching runs.
 *
 * @param schedule times at which the estimator is evaluated
 * @param solver how velocities become steps
 * @param guidance classifier-free guidance; where it does not apply, the conditional branch runs alone
 * @param temperature factor of the noise
 * @param inspect evaluates the estimator over all frames, those of the prompt included, call by call, so that every tap shows what the
 *     reference computes; slower
 */
public record FlowOptions(FlowSchedule schedule, FlowSolver solver, Guidance guidance, float temperature, boolean inspect) {
  /** Checks the ranges. */
  public FlowOptions {
    if (!(temperature >= 0f) || !Float.isFinite(temperature)) {
      throw new IllegalArgumentException("temperature of the noise must be 0 or more, got " + temperature);
    }
  }

  /** 25 uniform steps of Euler's method, guidance 0.7 at all times, temperature 1: what the reference does. */
  public static FlowOptions standard() {
    return new FlowOptions(FlowSchedule.uniform(25), FlowSolver.EULER, Guidance.always(0.7f), 1f, false);
  }

  /** The same on another schedule. */
  public FlowOptions with(FlowSchedule other) {
    return new FlowOptions(other, solver, guidance, temperature, inspect);
  }

  /** The same with another method. */
  public FlowOptions with(FlowSolver other) {
    return new FlowOptions(schedule, other, guidance, temperature, inspect);
  }

  /** The same with other guidance. */
  public FlowOptions with(Guidance other) {
    return new FlowOptions(schedule, solver, other, temperature, inspect);
  }

  /** The same over all frames. */
  public FlowOptions inspected() {
    return new FlowOptions(schedule, solver, guidance, temperature, true);
  }
}
