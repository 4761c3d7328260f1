package dev.syrinx.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.audio.ReferenceMel;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LikenessTest {
  private static final int RATE = 22_050;
  private final Likeness likeness = new Likeness(new ReferenceMel(new ReferenceMel.Parameters(RATE, 1024, 1024, 256, 80, 0, RATE / 2.0)));

  private static float[] noise(int seed, float size) {
    float[] samples = new float[RATE / 4];
    java.util.SplittableRandom random = new java.util.SplittableRandom(seed);
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (random.nextDouble() - 0.5) * size;
    }
    return samples;
  }

  private static float[] plus(float[] a, float[] b, float factor) {
    float[] sum = new float[a.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = a[i] + factor * b[i];
    }
    return sum;
  }

  @Test
  void whatIsTheSameHasNoDistance() {
    Figures same = likeness.compare(noise(1, 20_000), noise(1, 20_000));
    assertEquals(1, same.value(Metric.MEL_COSINE).orElseThrow(), 1e-12);
    assertEquals(0, same.value(Metric.MEL_CEPSTRAL_DISTANCE).orElseThrow());
    assertEquals(0, same.value(Metric.LOG_SPECTRAL_DISTANCE).orElseThrow());
    assertTrue(same.value(Metric.SNR).isEmpty() && same.why(Metric.SNR).isPresent());
  }

  /** A tenth of the amplitude is 20 dB: in the spectrum everywhere, in the cepstrum nowhere but in the part that is left out. */
  @Test
  void loudnessIsTwentyDecibels() {
    float[] loud = noise(2, 20_000);
    Figures quiet = likeness.compare(plus(new float[loud.length], loud, 0.1f), loud);
    assertEquals(20, quiet.value(Metric.LOG_SPECTRAL_DISTANCE).orElseThrow(), 0.01);
    assertEquals(0, quiet.value(Metric.MEL_CEPSTRAL_DISTANCE).orElseThrow(), 0.01);
    assertEquals(10 * Math.log10(1 / 0.81), quiet.value(Metric.SNR).orElseThrow(), 1e-3);
  }

  @Test
  void noiseOfAHundredthIsFortyDecibelsOfSnr() {
    float[] clean = noise(3, 20_000);
    Figures noisy = likeness.compare(plus(clean, noise(4, 20_000), 0.01f), clean);
    assertEquals(40, noisy.value(Metric.SNR).orElseThrow(), 0.3);
    double near = noisy.value(Metric.MEL_CEPSTRAL_DISTANCE).orElseThrow();
    double far = likeness.compare(plus(clean, noise(4, 20_000), 1f), clean).value(Metric.MEL_CEPSTRAL_DISTANCE).orElseThrow();
    assertTrue(near > 0 && near < far / 5, near + " and " + far);
  }

  @Test
  void codesAgreeByPosition() {
    List<int[]> reference = List.of(new int[] {1, 2, 3, 4}, new int[] {5});
    assertEquals(1, Likeness.agreement(reference, reference));
    assertEquals(1, Likeness.firstDifference(reference, reference));
    List<int[]> own = List.of(new int[] {1, 2, 9, 4, 7}, new int[] {5});
    assertEquals(4 / 6.0, Likeness.agreement(own, reference));
    assertEquals(1, Likeness.firstDifference(own, reference), "the shorter pair has one code and no difference");
    assertEquals(2, Likeness.firstDifference(own.subList(0, 1), reference.subList(0, 1)));
  }

  @Test
  void distortionOfAKnownTone() {
    double hertz = 5.0 * RATE / 256;
    float[] tone = new float[RATE / 2];
    for (int i = 0; i < tone.length; i++) {
      double phase = 2 * Math.PI * hertz * i / RATE;
      tone[i] = (float) (0.5 * Math.sin(phase) + 0.03 * Math.sin(2 * phase + 1) + 0.04 * Math.cos(3 * phase));
    }
    assertEquals(10, Tone.distortion(tone, RATE, hertz).value(Metric.THD).orElseThrow(), 0.01);
    Figures none = Tone.distortion(noise(5, 1), RATE, hertz);
    assertTrue(none.why(Metric.THD).isPresent());
  }

  @Test
  void editsBetweenTexts() {
    assertEquals(0, Recognizer.edits("Don't stop, please!", "don't stop\nplease"));
    assertEquals(3, Recognizer.edits("one two three four", "one too four five"));
    assertEquals(2, Recognizer.edits("two words", ""));
  }
}
