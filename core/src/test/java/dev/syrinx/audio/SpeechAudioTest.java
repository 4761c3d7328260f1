package dev.syrinx.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpeechAudioTest {
  private final SpeechAudio audio = new SpeechAudio(22050, 16000);

  private String refusal(float[] samples, int rate) {
    AudioClip clip = new AudioClip(samples, 1, rate);
    String message = assertThrows(AudioException.class, () -> audio.emotion(clip, "voice.wav")).getMessage();
    assertEquals(message, assertThrows(AudioException.class, () -> audio.speaker(clip, "voice.wav")).getMessage());
    assertTrue(message.startsWith("voice.wav: "), message);
    return message;
  }

  @Test
  void unusableRecordingsSayWhy() {
    float[] tone = Tone.channel(0, 16000, 0.5);
    assertTrue(refusal(java.util.Arrays.copyOf(tone, 160), 16000).contains("160 samples at 16000 Hz are 10 ms, at least 100 ms"));
    assertTrue(refusal(new float[8000], 16000).contains("silent"));
    float[] broken = tone.clone();
    broken[4000] = Float.NaN;
    assertTrue(refusal(broken, 16000).contains("sample 4000 (at 0.250 s) is NaN"));
    broken[4000] = Float.NEGATIVE_INFINITY;
    assertTrue(refusal(broken, 16000).contains("-Infinity"));
    broken[4000] = 1e30f;
    assertTrue(refusal(broken, 16000).contains("full scale is ±1"));
    assertTrue(refusal(tone, 7).contains("sample rate of 7 Hz"));
  }

  @Test
  void theShortestAcceptedRecordingGivesFiniteFeatures() {
    for (int rate : new int[] {8000, 16000, 22050, 44100, 48000, 192000}) {
      AudioClip clip = new AudioClip(Tone.channel(0, rate, 0.1 + 1.0 / rate), 1, rate);
      SpeechAudio.Speaker speaker = audio.speaker(clip, "short");
      allFinite(new SeamlessFeatures(16000, 80, 2, 1f).features(speaker.features()).values());
      allFinite(new KaldiFbank(16000, 80).centred(speaker.features()));
      allFinite(new ReferenceMel(new ReferenceMel.Parameters(22050, 1024, 1024, 256, 80, 0, 11025)).logMel(speaker.mel()));
    }
  }

  private static void allFinite(FrameMatrix matrix) {
    for (float value : matrix.values()) {
      assertTrue(Float.isFinite(value));
    }
  }

  @Test
  void fileAndClipAgree(@TempDir Path folder) throws IOException {
    float[] stereo = new float[2 * 20000];
    for (int i = 0; i < 20000; i++) {
      stereo[2 * i] = (float) Math.sin(0.05 * i) * 0.5f;
      stereo[2 * i + 1] = (float) Math.sin(0.09 * i) * 0.25f;
    }
    Path file = Files.write(folder.resolve("s.wav"), Tone.wav16(2, 44100, stereo));
    AudioClip clip = AudioReader.read(file, 100);
    assertEquals(2, clip.channels());
    assertArrayEquals(audio.emotion(clip, "clip"), audio.emotion(file));
    assertArrayEquals(audio.speaker(clip, "clip").mel(), audio.speaker(file).mel());
  }

  @Test
  void everyContainerGivesTheSameSpeechSignal() {
    float[] flac = audio.emotion(Tone.file("tone-22k-stereo.flac"));
    float[] ogg = audio.emotion(Tone.file("tone-22k-stereo.ogg"));
    assertEquals(4800, flac.length);
    assertEquals(flac.length, ogg.length);
    float[] mp3 = audio.emotion(Tone.file("tone-44k-stereo.mp3"));
    assertEquals(6400, mp3.length);
  }
}
