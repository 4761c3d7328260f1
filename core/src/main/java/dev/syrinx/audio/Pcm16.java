package dev.syrinx.audio;

/**
 * From the vocoder's ±1 to 16 bits. The official pipeline has two roundings: the array that it returns is truncated towards zero, the
 * file that it writes is rounded down on a slightly larger scale; they differ by up to two units.
 */
public final class Pcm16 {
  private static final float SCALE = 32767f;

  private Pcm16() {}

  /**
   * Samples at 16-bit scale, still floating point: the form in which segments are joined and streamed.
   *
   * @param wave ±1
   * @return ±32767, clamped
   * @throws AudioException if a sample is not a number
   */
  public static float[] scaled(float[] wave) {
    float[] out = new float[wave.length];
    for (int i = 0; i < out.length; i++) {
      if (Float.isNaN(wave[i])) {
        throw new AudioException("the synthesised sample " + i + " is not a number; the model's weights or its input are damaged");
      }
      out[i] = Math.min(Math.max(SCALE * wave[i], -SCALE), SCALE); // unlike Math.clamp, this becomes vectors
    }
    return out;
  }

  /** The returned array: {@code scaled} cut towards zero. */
  public static short[] truncated(float[] scaled) {
    short[] out = new short[scaled.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (short) scaled[i];
    }
    return out;
  }

  /** The written file: {@code scaled} back to ±1, then to 32 bits (full scale 2^31, rounded), of which the upper 16 are kept. */
  public static short[] forFile(float[] scaled) {
    short[] out = new short[scaled.length];
    for (int i = 0; i < out.length; i++) {
      float unit = Math.clamp(scaled[i] / SCALE, -1f, 1f);
      double wide = Math.rint(unit * 0x1p31);
      out[i] = (short) ((int) Math.min(wide, Integer.MAX_VALUE) >> 16);
    }
    return out;
  }
}
