package dev.syrinx.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FlacSourceTest {
  private static byte[] tone() throws IOException {
    return Files.readAllBytes(Tone.file("tone-22k-stereo.flac"));
  }

  private static AudioClip read(byte[] file) {
    return AudioReader.readMono(new ByteArrayInputStream(file), "test.flac", 10);
  }

  /** Each of the file's frames is 4096 samples; the second one does not survive. */
  @Test
  void truncatedInsideAFrameKeepsTheWholeFrames() throws IOException {
    byte[] file = tone();
    AudioClip clip = read(Arrays.copyOf(file, file.length - 100));
    assertEquals(4096, clip.frames());
    assertEquals(Tone.channel(0, 22050, 0.3)[3000] / 2 + Tone.channel(1, 22050, 0.3)[3000] / 2, clip.samples()[3000], 2e-5);
  }

  @Test
  void aFlippedBitIsFoundByTheChecksum() throws IOException {
    byte[] file = tone();
    file[file.length - 1000] ^= 0x10;
    AudioException e = assertThrows(AudioException.class, () -> read(file));
    assertTrue(e.getMessage().startsWith("test.flac: damaged FLAC"), e.getMessage());
  }

  @Test
  void truncatedHeader() throws IOException {
    byte[] file = tone();
    AudioException e = assertThrows(AudioException.class, () -> read(Arrays.copyOf(file, 30)));
    assertTrue(e.getMessage().contains("ends inside its header"), e.getMessage());
  }

  @Test
  void anId3TagInFrontIsPassedOver() throws IOException {
    byte[] file = tone();
    byte[] tagged = new byte[file.length + 30];
    System.arraycopy(Tone.ascii("ID3\4\0\0\0\0\0\24"), 0, tagged, 0, 10);
    System.arraycopy(file, 0, tagged, 30, file.length);
    assertEquals(read(file), read(tagged));
  }
}
