package dev.syrinx.model.acoustic;

/**
 * Classifier-free guidance: v = (1 + weight)·conditional − weight·unconditional. Where it does not apply, the conditional branch is evaluated alone, for half the work.
 *
 * @param weight 0 or more; 0 guides nowhere
 * @param from the first time that is guided, 0 (noise) to 1 (speech)
 * @param to the time from which on nothing is guided any more; 1 for the end
 */
public record Guidance(float weight, float from, float to) {
  /** Checks the ranges. */
  public Guidance {
    if (!(weight >= 0f) || !Float.isFinite(weight)) {
      throw new IllegalArgumentException("guidance must be 0 or more, got " + weight);
    }
    if (!(0f <= from && from < to && to <= 1f)) {
      throw new IllegalArgumentException("guidance must begin and end within 0 to 1, in this order, got " + from + " to " + to);
    }
  }

  /** At all times, as the reference does. */
  public static Guidance always(float weight) {
    return new Guidance(weight, 0f, 1f);
  }

  /** The same in a part of the time (Kynkäänniemi et al. 2024, arXiv 2404.07724). */
  public Guidance within(float first, float end) {
    return new Guidance(weight, first, end);
  }

  /** Whether it applies at all times. */
  public boolean everywhere() {
    return from == 0f && to == 1f;
  }

  /** The weight at a time. */
  float at(float time) {
    return from <= time && time < to ? weight : 0f;
  }
}
