package dev.syrinx.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeaturesGoldenTest {
  private static final int RATE = 16000;
  private static final ReferenceMel MEL = new ReferenceMel(new ReferenceMel.Parameters(22050, 1024, 1024, 256, 80, 0, 11025));

  @ParameterizedTest
  @CsvSource({"spk_16k, spk", "emo_emo16k, emo", "spk_emo16k, spk_as_emo"})
  void seamlessFeatures(String input, String name) throws IOException {
    Golden golden = Golden.stage("features");
    var features = new SeamlessFeatures(RATE, 80, 2, 1f).features(Golden.stage("audio").floats(input));
    golden.assertMatches(name + "_features", features.values().values());
    assertArrayEquals(new int[] {1, features.values().rows(), features.values().columns()}, golden.shape(name + "_features"));
    assertArrayEquals(golden.longs(name + "_mask"), IntStream.of(features.mask()).asLongStream().toArray());
  }

  @Test
  void kaldiFilterBank() throws IOException {
    Golden golden = Golden.stage("fbank");
    float[] signal = Golden.stage("audio").floats("spk_16k");
    KaldiFbank fbank = new KaldiFbank(RATE, 80);
    golden.assertMatches("fbank", fbank.features(signal).values());
    golden.assertMatches("fbank_centered", fbank.centred(signal).values());
  }

  @Test
  void referenceMel() throws IOException {
    Golden golden = Golden.stage("ref_mel");
    FrameMatrix mel = MEL.logMel(Golden.stage("audio").floats("spk_22k"));
    golden.assertMatches("mel", mel.values());
    assertArrayEquals(new int[] {1, mel.rows(), mel.columns()}, golden.shape("mel"));
  }

  @Test
  void frameArithmetic() {
    assertEquals(1291, MEL.frames(330750));
    assertEquals(1498, new KaldiFrames(RATE, 80).frames(240000));
  }
}
