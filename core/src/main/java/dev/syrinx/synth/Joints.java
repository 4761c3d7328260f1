package dev.syrinx.synth;

import java.util.List;

/** Joins the segments of a text. */
final class Joints {
  private Joints() {}

  /** Waves with {@code silence} zeros between them, not behind the last; a single one as it is. */
  static float[] join(List<float[]> waves, int silence) {
    if (waves.size() == 1) {
      return waves.getFirst();
    }
    int length = waves.stream().mapToInt(w -> w.length).sum() + silence * Math.max(0, waves.size() - 1);
    float[] joined = new float[length];
    int at = 0;
    for (float[] wave : waves) {
      System.arraycopy(wave, 0, joined, at, wave.length);
      at += wave.length + silence;
    }
    return joined;
  }
}
