package dev.syrinx.model.acoustic;

/**
 * One step of the flow: x ← x + current·v + previous·v of the step before.
 *
 * @param time at which the velocity v is taken
 * @param guidance weight of guidance in v; 0 evaluates the conditional branch alone
 * @param current how far the state follows v
 * @param previous how far it follows the velocity of the step before; 0 if not at all
 */
record FlowStep(float time, float guidance, float current, float previous) {
  /** Branches of the estimator. */
  int branches() {
    return guidance == 0f ? 1 : 2;
  }
}
