package dev.syrinx.model.vocoder;

/** Samples as 16-bit integers, as the reference returns them. */
public final class Pcm16 {
  private static final float FULL_SCALE = 32767f;

  private Pcm16() {}

  /** Samples in [−1, 1] times 32767, clamped and truncated towards zero; NaN gives 0. */
  public static short[] truncated(float[] samples) {
    short[] result = new short[samples.length];
    for (int i = 0; i < samples.length; i++) {
      result[i] = (short) Math.clamp(samples[i] * FULL_SCALE, -FULL_SCALE, FULL_SCALE);
    }
    return result;
  }
}
