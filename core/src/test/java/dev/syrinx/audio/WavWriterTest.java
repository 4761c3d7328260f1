package dev.syrinx.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WavWriterTest {
  private static final short[] SAMPLES = {0, 1, -1, 32767, -32768, 12345};

  @TempDir Path folder;

  @Test
  void theJdkReadsWhatIsWritten() throws Exception {
    Path file = folder.resolve("new/folders/out.wav");
    WavWriter.write(file, SAMPLES, 22050);
    try (AudioInputStream in = AudioSystem.getAudioInputStream(file.toFile())) {
      AudioFormat format = in.getFormat();
      assertEquals("PCM_SIGNED 22050.0 Hz, 16 bit, mono, 2 bytes/frame, little-endian", format.toString().replaceAll(", *$", ""));
      assertEquals(SAMPLES.length, in.getFrameLength());
      assertArrayEquals(new byte[] {0, 0, 1, 0, -1, -1, -1, 127, 0, -128, 57, 48}, in.readAllBytes());
    }
  }

  @Test
  void ownReaderReadsWhatIsWrittenOverManyBlocks() {
    short[] many = new short[40000];
    for (int i = 0; i < many.length; i++) {
      many[i] = (short) (i * 31);
    }
    Path file = folder.resolve("many.wav");
    WavWriter.write(file, many, 8000);
    float[] back = AudioReader.read(file, 10).samples();
    assertEquals(many.length, back.length);
    for (int i = 0; i < many.length; i++) {
      assertEquals(many[i] / 32768f, back[i]);
    }
  }

  @Test
  void replacesAnExistingFileAndLeavesNothingElse() throws IOException {
    Path file = Files.writeString(folder.resolve("out.wav"), "old and much longer than the new one, so that a rest would show".repeat(10));
    WavWriter.write(file, SAMPLES, 22050);
    assertEquals(44 + 2 * SAMPLES.length, Files.size(file));
    assertEquals(List.of("out.wav"), names(folder));
  }

  @Test
  void aLinkStaysALink() throws IOException {
    Path real = Files.writeString(folder.resolve("real.wav"), "x");
    Path link = Files.createSymbolicLink(folder.resolve("link.wav"), real);
    WavWriter.write(link, SAMPLES, 22050);
    assertTrue(Files.isSymbolicLink(link));
    assertEquals(44 + 2 * SAMPLES.length, Files.size(real));
  }

  @Test
  void aFolderAsTarget() throws IOException {
    assertTrue(failure(folder).contains("is a folder"));
    assertEquals(List.of(), names(folder));
  }

  @Test
  void aFileWhereAFolderIsNeeded() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    String message = failure(file.resolve("out.wav"));
    assertTrue(message.contains(file.toString()), message);
    assertEquals("x", Files.readString(file));
  }

  /** A device that is always full stands for a full disk. */
  @Test
  void aFullDisk() {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "no /dev/full on this system");
    String message = failure(full);
    assertTrue(message.contains("disk is full"), message);
  }

  @Test
  void anUnusableNameLeavesNoPartialFile() throws IOException {
    // The hidden file beside the target needs a longer name than the target, and names have a limit.
    String message = failure(folder.resolve("x".repeat(250) + ".wav"));
    assertTrue(message.contains("cannot be written"), message);
    assertEquals(List.of(), names(folder));
  }

  @Test
  void aStreamThatFailsIsReportedAsItIs() {
    IOException broken = new IOException("pipe closed");
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw broken;
          }
        };
    assertEquals(broken, assertThrows(IOException.class, () -> WavWriter.write(out, SAMPLES, 22050)));
  }

  @Test
  void aStreamGetsTheSameBytesAsAFile() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    WavWriter.write(out, SAMPLES, 22050);
    Path file = folder.resolve("same.wav");
    WavWriter.write(file, SAMPLES, 22050);
    assertArrayEquals(Files.readAllBytes(file), out.toByteArray());
  }

  private static String failure(Path target) {
    String message = assertThrows(AudioException.class, () -> WavWriter.write(target, SAMPLES, 22050)).getMessage();
    assertTrue(message.contains(target.toString()), message);
    return message;
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).toList();
    }
  }
}
