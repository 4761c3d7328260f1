package dev.syrinx.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transform, filter banks and spectrogram at sizes that the official configuration does not have. */
class SpectrumTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 37, 60, 331, 400, 512, 600, 1024})
  void transformEqualsItsDefinition(int size) {
    SplittableRandom random = new SplittableRandom(size);
    double[] frame = random.doubles(Math.max(1, size - 2), -1, 1).toArray();
    RealFft fft = new RealFft(size);
    double[] real = new double[fft.bins()];
    double[] imaginary = new double[fft.bins()];
    fft.transform(new double[size], real, imaginary);
    fft.transform(frame, real, imaginary);
    for (int k = 0; k < fft.bins(); k++) {
      double re = 0;
      double im = 0;
      for (int i = 0; i < frame.length; i++) {
        re += frame[i] * Math.cos(2 * Math.PI * k * i / size);
        im -= frame[i] * Math.sin(2 * Math.PI * k * i / size);
      }
      assertEquals(re, real[k], 1e-10, "real " + k);
      assertEquals(im, imaginary[k], 1e-10, "imaginary " + k);
    }
  }

  /** Slaney's normalisation makes every triangle one hertz in area. */
  @Test
  void slaneyTrianglesHaveAreaOne() {
    double binWidth = 0.5;
    MelBank bank = MelBank.slaney(40, 16001, binWidth, 50, 7000);
    for (int m = 0; m < bank.filters(); m++) {
      double area = 0;
      for (double weight : bank.weights()[m]) {
        area += weight * binWidth;
      }
      assertEquals(1, area, 1e-4, "filter " + m);
    }
  }

  /** Kaldi's triangles add up to one everywhere between the first and the last peak. */
  @Test
  void kaldiTrianglesAddUp() {
    MelBank bank = MelBank.kaldi(23, 257, 31.25, 20, 8000);
    double[] sums = new double[257];
    for (int m = 0; m < bank.filters(); m++) {
      for (int i = 0; i < bank.weights()[m].length; i++) {
        sums[bank.first()[m] + i] += bank.weights()[m][i];
      }
    }
    for (int bin = 5; bin < 229; bin++) { // the last peak lies at bin 228.6
      assertEquals(1, sums[bin], 1e-12, "bin " + bin);
    }
    assertEquals(0, sums[256]);
  }

  @ParameterizedTest
  @CsvSource({"16000, 400, 300, 100, 40", "24000, 1024, 1024, 240, 100", "22050, 512, 401, 128, 20"})
  void aSteadyToneIsBrightestInItsOwnFilter(int rate, int fft, int window, int hop, int filters) {
    ReferenceMel mel = new ReferenceMel(new ReferenceMel.Parameters(rate, fft, window, hop, filters, 0, rate / 2.0));
    double hertz = rate / 8.0;
    float[] tone = new float[rate / 2];
    for (int i = 0; i < tone.length; i++) {
      tone[i] = (float) Math.sin(2 * Math.PI * hertz * i / rate);
    }
    FrameMatrix spectrum = mel.logMel(tone);
    assertEquals(filters, spectrum.rows());
    assertEquals((tone.length + 2 * ((fft - hop) / 2) - fft) / hop + 1, spectrum.columns());
    MelBank bank = MelBank.slaney(filters, fft / 2 + 1, (double) rate / fft, 0, rate / 2.0);
    int middle = spectrum.columns() / 2;
    int brightest = 0;
    for (int m = 0; m < filters; m++) {
      brightest = spectrum.at(m, middle) > spectrum.at(brightest, middle) ? m : brightest;
    }
    double low = bank.first()[brightest] * (double) rate / fft;
    double high = low + bank.weights()[brightest].length * (double) rate / fft;
    assertTrue(low - rate / (double) fft <= hertz && hertz <= high, "filter from " + low + " to " + high);
  }

  @Test
  void parametersFromTheConfiguration() throws IOException {
    JsonNode config = new ObjectMapper(new YAMLFactory()).readTree(Golden.FOLDER.resolveSibling("config.yaml").toFile());
    JsonNode node = config.path("s2mel").path("preprocess_params");
    assertEquals(new ReferenceMel.Parameters(22050, 1024, 1024, 256, 80, 0, 11025), ReferenceMel.Parameters.of(node));
    ObjectNode limited = node.deepCopy();
    limited.withObject("spect_params").put("fmax", 7600).remove("fmin");
    assertEquals(8000, ReferenceMel.Parameters.of(limited).highHertz());
    limited.withObject("spect_params").put("hop_length", 4096);
    assertThrows(IllegalArgumentException.class, () -> ReferenceMel.Parameters.of(limited));
    limited.withObject("spect_params").put("n_mels", "many");
    String message = assertThrows(IllegalArgumentException.class, () -> ReferenceMel.Parameters.of(limited)).getMessage();
    assertTrue(message.contains("'n_mels' is \"many\""), message);
  }

  @Test
  void tooShortForAFrame() {
    AudioException e = assertThrows(AudioException.class, () -> new KaldiFbank(16000, 80).features(new float[399]));
    assertTrue(e.getMessage().contains("399 samples"), e.getMessage());
    assertThrows(AudioException.class, () -> new SeamlessFeatures(16000, 80, 2, 1f).features(new float[559]));
    assertEquals(1, new SeamlessFeatures(16000, 80, 2, 1f).features(new float[560]).values().rows());
  }
}
