package dev.syrinx.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** From the recordings in the golden folder to the signals that the networks get. */
class AudioGoldenTest {
  private static final int MEL_RATE = 22050;
  private static final int FEATURE_RATE = 16000;
  private final SpeechAudio audio = new SpeechAudio(MEL_RATE, FEATURE_RATE);
  private final Golden golden = Golden.stage("audio");

  AudioGoldenTest() throws IOException {}

  private Path file(String param) {
    return Golden.FOLDER.resolve(golden.params().path(param).asText());
  }

  @Test
  void speaker() {
    SpeechAudio.Speaker speaker = audio.speaker(file("spk"));
    golden.assertMatches("spk_22k", speaker.mel());
    golden.assertMatches("spk_16k", speaker.features());
  }

  @Test
  void resamplingOfTheGoldenSignalAlone() {
    golden.assertMatches("spk_16k", new SincResampler(MEL_RATE, FEATURE_RATE).resample(golden.floats("spk_22k")));
  }

  @Test
  void emotion() {
    golden.assertMatches("spk_emo16k", audio.emotion(file("spk")));
    golden.assertMatches("emo_emo16k", audio.emotion(file("emo")));
    float[] asSpeaker = audio.speaker(file("emo")).mel();
    golden.assertMatches("emo_22k_first", Arrays.copyOf(asSpeaker, golden.floats("emo_22k_first").length));
  }

  @Test
  void longRecordingIsCutAfterResampling() {
    SpeechAudio.Speaker speaker = audio.speaker(file("long"));
    assertArrayEquals(golden.longs("long_22k_shape"), new long[] {1, speaker.mel().length});
    golden.assertMatches("long_22k_last", last(speaker.mel(), golden.floats("long_22k_last").length));
    golden.assertMatches("long_16k_last", last(speaker.features(), golden.floats("long_16k_last").length));
    assertEquals(15 * FEATURE_RATE, audio.emotion(file("long")).length);
  }

  @Test
  void longPromptMel() throws IOException {
    Golden prompt = Golden.stage("long_prompt");
    ReferenceMel.Parameters parameters = new ReferenceMel.Parameters(MEL_RATE, 1024, 1024, 256, 80, 0, MEL_RATE / 2.0);
    FrameMatrix mel = new ReferenceMel(parameters).logMel(audio.speaker(file("long")).mel());
    assertArrayEquals(prompt.longs("mel_shape"), new long[] {1, mel.rows(), mel.columns()});
    int kept = prompt.shape("mel_first")[2];
    prompt.assertMatches("mel_first", columns(mel, 0, kept));
    prompt.assertMatches("mel_last", columns(mel, mel.columns() - kept, kept));
  }

  private static float[] last(float[] all, int count) {
    return Arrays.copyOfRange(all, all.length - count, all.length);
  }

  private static float[] columns(FrameMatrix matrix, int from, int count) {
    float[] out = new float[matrix.rows() * count];
    for (int row = 0; row < matrix.rows(); row++) {
      System.arraycopy(matrix.values(), row * matrix.columns() + from, out, row * count, count);
    }
    return out;
  }
}
