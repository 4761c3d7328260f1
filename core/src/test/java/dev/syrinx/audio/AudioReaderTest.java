package dev.syrinx.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every container decodes to the tone that was encoded, at the right place; what is not taken says so. */
class AudioReaderTest {
  @ParameterizedTest
  @CsvSource({
    // file, rate, channels, seconds, root mean square of the error allowed (codec), extra samples at the start
    "tone-16k-24bit.flac, 16000, 1, 0.25, 1e-7, 0",
    "tone-22k-stereo.flac, 22050, 2, 0.3, 1.5e-5, 0",
    "tone-44k-stereo.mp3, 44100, 2, 0.4, 3.2e-4, 0",
    "tone-22k-mono-vbr.mp3, 22050, 1, 0.4, 1.8e-3, 0",
    "tone-22k-mono-untagged.mp3, 22050, 1, 0.4, 1.2e-4, 1105",
    "tone-22k-stereo.ogg, 22050, 2, 0.3, 4.2e-3, 0",
    "tone-44k-stereo.ogg, 44100, 2, 0.4, 3.1e-3, 0",
    "tone-8k-alaw.wav, 8000, 1, 0.25, 6e-3, 0",
    "tone-8k-mulaw.wav, 8000, 1, 0.25, 6e-3, 0",
    "tone-8k-f64.wav, 8000, 1, 0.25, 1.5e-5, 0",
    "tone-8k-rf64.wav, 8000, 1, 0.25, 1.5e-5, 0",
  })
  void decodesTheTone(String file, int rate, int channels, double seconds, double allowed, int late) {
    AudioClip clip = AudioReader.read(Tone.file(file), 10);
    assertEquals(rate, clip.sampleRate());
    assertEquals(channels, clip.channels());
    if (late == 0) {
      assertEquals((int) (rate * seconds), clip.frames());
    }
    for (int c = 0; c < channels; c++) {
      float[] expected = Tone.channel(c, rate, seconds);
      double squares = 0;
      for (int i = 0; i < expected.length; i++) {
        double error = clip.samples()[(late + i) * channels + c] - expected[i];
        squares += error * error;
      }
      double rms = Math.sqrt(squares / expected.length);
      assertTrue(rms <= allowed, "channel " + c + ": error " + rms);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tone-22k-stereo.flac", "tone-44k-stereo.mp3", "tone-22k-stereo.ogg", "tone-8k-f64.wav"})
  void monoIsTheMeanOfTheChannelsAndStopsWhereAsked(String file) {
    AudioClip all = AudioReader.read(Tone.file(file), 10);
    AudioClip start = AudioReader.readMono(Tone.file(file), 0.1);
    assertEquals(1, start.channels());
    assertEquals((int) Math.ceil(0.1 * all.sampleRate()), start.frames());
    assertArrayEquals(java.util.Arrays.copyOf(all.mono().samples(), start.frames()), start.samples());
  }

  @ParameterizedTest
  @CsvSource({
    "tone-8k-ima-adpcm.wav, IMA ADPCM",
    "tone.opus, OGG Opus",
    "tone.m4a, MP4",
    "tone-8k.aiff, AIFF",
  })
  void otherCodecsAreNamedWithTheRemedy(String file, String named) {
    AudioException e = assertThrows(AudioException.class, () -> AudioReader.read(Tone.file(file), 10));
    assertTrue(e.getMessage().contains(file) && e.getMessage().contains(named) && e.getMessage().contains("ffmpeg"), e.getMessage());
  }

  @Test
  void notAudio(@TempDir Path folder) throws Exception {
    assertMessage(Tone.file("README.md"), "not audio", "# Sounds");
    assertMessage(folder, "is a folder");
    assertMessage(folder.resolve("absent.wav"), "no such file");
    Path empty = java.nio.file.Files.createFile(folder.resolve("empty.wav"));
    assertMessage(empty, "the file is empty");
  }

  private static void assertMessage(Path file, String... parts) {
    AudioException e = assertThrows(AudioException.class, () -> AudioReader.readMono(file, 1));
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part) && e.getMessage().contains(file.toString()), e.getMessage());
    }
  }
}
