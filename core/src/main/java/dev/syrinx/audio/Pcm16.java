package dev.syrinx.audio;

/**
 * From the vocoder's ±1 to 16 bits. The official pipeline has two roundings: the array that it returns is truncated towards zero, the
 * file that it writes is rounded down on a slightly larger scale; they differ by up to two units.
 */
public final class Pcm16 {
  private static final float SCALE = 32767f;
  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  private Pcm16() {}

  /**
   * Samples at 16-bit scale, still floating point: the form in which segments are joined and streamed.
   *
   * @param wave ±1
   * @return ±32767, clamped
   * @throws AudioException if a sample is not a number
   */
  public static float[] scaled(float[] wave) {
    float[] out = wave.clone();
    scale(out);
    return out;
  }

  /**
   * The same in place.
   *
   * @throws AudioException if a sample is not a number
   */
  public static void scale(float[] wave) {
    if (anyNotANumber(wave)) {
      throw notANumber(wave);
    }
    for (int i = 0; i < wave.length; i++) {
      wave[i] = Math.min(Math.max(SCALE * wave[i], -SCALE), SCALE); // unlike Math.clamp, this becomes vectors
    }
  }

  /** Beyond infinity's bits there are only those of no number. Two sums at a time: one waits for itself. */
  private static boolean anyNotANumber(float[] wave) {
    int even = wave.length % 2 == 0 ? 0 : magnitude(wave[wave.length - 1]);
    int odd = 0;
    for (int i = 0; i + 1 < wave.length; i += 2) {
      even = Math.max(even, magnitude(wave[i]));
      odd = Math.max(odd, magnitude(wave[i + 1]));
    }
    return Math.max(even, odd) > INFINITY;
  }

  private static int magnitude(float value) {
    return Float.floatToRawIntBits(value) & Integer.MAX_VALUE;
  }

  private static AudioException notANumber(float[] wave) {
    int at = 0;
    while (!Float.isNaN(wave[at])) {
      at++;
    }
    return new AudioException("the synthesised sample " + at + " is not a number; the model's weights or its input are damaged");
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
