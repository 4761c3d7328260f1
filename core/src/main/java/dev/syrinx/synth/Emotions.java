package dev.syrinx.synth;

/** Blending of emotion vectors. */
final class Emotions {
  private Emotions() {}

  /** base + alpha·(target − base), in the order of the reference's roundings. */
  static float[] merge(float[] base, float[] target, float alpha) {
    float[] merged = new float[base.length];
    for (int i = 0; i < merged.length; i++) {
      merged[i] = base[i] + alpha * (target[i] - base[i]);
    }
    return merged;
  }
}
