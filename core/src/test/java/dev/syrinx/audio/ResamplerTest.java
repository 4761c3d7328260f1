package dev.syrinx.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the one signal whose resampling is known exactly: a sine is the same sine at any rate, or nothing above the pass band. */
class ResamplerTest {
  @ParameterizedTest
  @CsvSource({
    "8000, 16000", "11025, 22050", "12000, 16000", "16000, 22050", "22050, 16000", "22050, 24000", "24000, 22050", "28000, 16000",
    "32000, 22050", "37800, 22050", "44100, 16000", "44100, 22050", "44101, 16000", "48000, 16000", "48000, 22050", "64000, 22050",
    "88200, 16000", "96000, 22050", "192000, 16000", "384000, 22050", "1000, 16000"
  })
  void passesTheBandAndStopsTheRest(int from, int to) {
    double nyquist = Math.min(from, to) / 2.0;
    assertEquals(1, gain(from, to, 0.05 * nyquist), 2e-6);
    assertEquals(1, gain(from, to, 0.5 * nyquist), 1e-5);
    assertEquals(1, gain(from, to, 0.9 * nyquist), 1.2e-3);
    assertEquals(0.5, gain(from, to, 0.9568718 * nyquist), 5e-3);
    if (from > 1.2 * to) {
      assertEquals(0, gain(from, to, 1.03 * nyquist), 2e-6);
      assertEquals(0, gain(from, to, Math.min(1.9 * nyquist, 0.49 * from)), 2e-6);
    }
  }

  /** Amplitude of the output against the in-phase sine at the new rate, away from the ends; the rest must be near zero. */
  private static double gain(int from, int to, double hertz) {
    int count = Math.min(40000, Math.max(4000, 600 * from / to + 2000));
    float[] in = sine(count, from, hertz);
    float[] out = SoxrLikeResampler.resample(in, from, to);
    assertEquals((int) Math.ceil(count * ((double) to / from)), out.length);
    float[] ideal = sine(out.length, to, hertz);
    double product = 0;
    double energy = 0;
    int margin = out.length / 4;
    for (int i = margin; i < out.length - margin; i++) {
      product += (double) out[i] * ideal[i];
      energy += (double) ideal[i] * ideal[i];
    }
    double gain = hertz < Math.min(from, to) / 2.0 ? product / energy : 0;
    double worst = 0;
    for (int i = margin; i < out.length - margin; i++) {
      worst = Math.max(worst, Math.abs(out[i] - gain * ideal[i]));
    }
    // The part out of phase or of another frequency: images, aliases, a shift in time.
    assertTrue(worst < 5e-5, "residue " + worst + " at " + hertz + " Hz, gain " + gain);
    return gain;
  }

  private static float[] sine(int count, int rate, double hertz) {
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] = (float) Math.sin(2 * Math.PI * hertz * i / rate);
    }
    return out;
  }

  @Test
  void lengthsLikeTheOfficialLoader() {
    for (int n : new int[] {1, 2, 3, 1000, 1001, 74308}) {
      float[] ones = new float[n];
      Arrays.fill(ones, 1);
      float[] out = SoxrLikeResampler.resample(ones, 22050, 16000);
      assertEquals((n * 320L + 440) / 441, out.length);
      // Computed samples are those of the rounded length; one more is padding.
      boolean padded = Math.floor(n * 16000.0 / 22050 + 0.5) < out.length;
      assertEquals(padded, out[out.length - 1] == 0f, "length " + n);
    }
    assertEquals(0, SoxrLikeResampler.resample(new float[0], 22050, 16000).length);
  }

  @Test
  void cuttingChangesNothingBeforeTheCut() {
    float[] in = sine(30000, 48000, 440);
    float[] whole = SoxrLikeResampler.resample(in, 48000, 22050);
    assertArrayEquals(Arrays.copyOf(whole, 500), SoxrLikeResampler.resample(in, 48000, 22050, 500));
    float[] enough = Arrays.copyOf(in, 5000);
    assertArrayEquals(Arrays.copyOf(whole, 2000), SoxrLikeResampler.resample(enough, 48000, 22050, 2000));
  }

  @Test
  void equalRatesCopy() {
    float[] in = {1, 2, 3};
    assertArrayEquals(in, SoxrLikeResampler.resample(in, 16000, 16000));
    assertArrayEquals(in, new SincResampler(16000, 16000).resample(in));
    assertThrows(IllegalArgumentException.class, () -> SoxrLikeResampler.resample(in, 0, 16000));
    assertThrows(IllegalArgumentException.class, () -> new SincResampler(16000, -1));
  }

  @ParameterizedTest
  @CsvSource({"22050, 16000", "16000, 22050", "24000, 16000", "48000, 16000"})
  void windowedSincKeepsASine(int from, int to) {
    float[] out = new SincResampler(from, to).resample(sine(4000, from, 300));
    float[] ideal = sine(out.length, to, 300);
    assertEquals((4000L * to + from - 1) / from, out.length);
    for (int i = 100; i < out.length - 100; i++) {
      assertEquals(ideal[i], out[i], 2e-3);
    }
  }
}
