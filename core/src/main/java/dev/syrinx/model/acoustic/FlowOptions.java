package dev.syrinx.model.acoustic;

/**
 * How flow matching runs.
 *
 * @param guidance weight of classifier-free guidance: v = (1 + guidance)·conditional − guidance·unconditional; 0 evaluates the conditional
 *     branch alone
 * @param temperature factor of the noise
 * @param inspect evaluates the estimator over all frames, those of the prompt included, call by call, so that every tap shows what the
 *     reference computes; slower
 */
public record FlowOptions(FlowSchedule schedule, float guidance, float temperature, boolean inspect) {
  /** Checks the ranges. */
  public FlowOptions {
    if (!(guidance >= 0f) || !Float.isFinite(guidance)) {
      throw new IllegalArgumentException("guidance must be 0 or more, got " + guidance);
    }
    if (!(temperature >= 0f) || !Float.isFinite(temperature)) {
      throw new IllegalArgumentException("temperature of the noise must be 0 or more, got " + temperature);
    }
  }

  /** 25 steps, guidance 0.7, temperature 1: what the reference does. */
  public static FlowOptions standard() {
    return new FlowOptions(FlowSchedule.uniform(25), 0.7f, 1f, false);
  }

  /** The same on another schedule. */
  public FlowOptions with(FlowSchedule other) {
    return new FlowOptions(other, guidance, temperature, inspect);
  }

  /** The same with another weight of guidance. */
  public FlowOptions withGuidance(float weight) {
    return new FlowOptions(schedule, weight, temperature, inspect);
  }

  /** The same over all frames. */
  public FlowOptions inspected() {
    return new FlowOptions(schedule, guidance, temperature, true);
  }
}
