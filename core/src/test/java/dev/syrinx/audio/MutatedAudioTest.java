package dev.syrinx.audio;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Damaged and hostile files end in a clip or in an {@link AudioException}, within bounds of time and memory. Every case is
 * reproducible from the seed that a failure names. Checksums of OGG pages are mostly made right again, else every edit would end there.
 */
class MutatedAudioTest {
  private static final double MAX_SECONDS = 1;
  private static final long MOST_NANOS = 5_000_000_000L;
  private static final long MOST_BYTES = 32L << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @CsvSource({
    "tone-8k-rf64.wav, 500",
    "tone-8k-f64.wav, 500",
    "tone-8k-mulaw.wav, 300",
    "tone-16k-24bit.flac, 500",
    "tone-22k-stereo.flac, 500",
    "tone-44k-stereo.mp3, 500",
    "tone-22k-mono-vbr.mp3, 800",
    "tone-22k-stereo.ogg, 1500",
  })
  void everyMutationEndsWell(String file, int count) throws IOException {
    byte[] original = Files.readAllBytes(Tone.file(file));
    int clips = 0;
    for (int seed = 0; seed < count; seed++) {
      byte[] mutated = mutate(original, new SplittableRandom(seed));
      if (file.endsWith(".ogg") && seed % 4 != 0) {
        OggChecksum.repair(mutated);
      }
      clips += endsWell(mutated, file + ", seed " + seed) ? 1 : 0;
    }
    assertTrue(clips > 0 && clips < count, file + ": " + clips + " of " + count + " read; the mutations test nothing");
  }

  private static boolean endsWell(byte[] file, String what) {
    long start = System.nanoTime();
    long allocated = THREADS.getTotalThreadAllocatedBytes();
    boolean read = false;
    try {
      AudioClip clip = AudioReader.readMono(new ByteArrayInputStream(file), what, MAX_SECONDS);
      assertTrue(clip.frames() > 0 && clip.seconds() <= MAX_SECONDS + 1.0 / clip.sampleRate(), what);
      read = true;
    } catch (AudioException e) {
      assertTrue(e.getMessage().startsWith(what + ": "), e::getMessage);
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what, e);
    }
    long nanos = System.nanoTime() - start;
    long bytes = THREADS.getTotalThreadAllocatedBytes() - allocated;
    assertTrue(nanos < MOST_NANOS, () -> what + " took " + nanos / 1e9 + " s");
    assertTrue(bytes < MOST_BYTES, () -> what + " allocated " + bytes + " bytes");
    return read;
  }

  /** One to eight edits: bits flipped, bytes set to extremes, stretches cut, doubled, zeroed or shuffled in; at times only a prefix. */
  static byte[] mutate(byte[] original, SplittableRandom random) {
    byte[] bytes = original.clone();
    for (int edit = random.nextInt(1, 9); edit > 0 && bytes.length > 16; edit--) {
      // Half of all edits hit the first 200 bytes, where the headers are.
      int at = random.nextInt(random.nextBoolean() ? Math.min(200, bytes.length) : bytes.length);
      int length = Math.min(bytes.length - at, random.nextInt(1, 64));
      switch (random.nextInt(7)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 ->
          java.util.Arrays.fill(
              bytes, at, at + Math.min(4, length), (byte) (random.nextBoolean() ? 0xff : random.nextBoolean() ? 0x7f : 0));
        case 3 -> bytes = without(bytes, at, length);
        case 4 -> bytes = doubled(bytes, at, length);
        case 5 -> System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
        default -> bytes = random.nextInt(4) == 0 ? java.util.Arrays.copyOf(bytes, at) : bytes;
      }
    }
    return bytes;
  }

  private static byte[] without(byte[] bytes, int at, int length) {
    byte[] out = new byte[bytes.length - length];
    System.arraycopy(bytes, 0, out, 0, at);
    System.arraycopy(bytes, at + length, out, at, out.length - at);
    return out;
  }

  private static byte[] doubled(byte[] bytes, int at, int length) {
    byte[] out = new byte[bytes.length + length];
    System.arraycopy(bytes, 0, out, 0, at + length);
    System.arraycopy(bytes, at, out, at + length, bytes.length - at);
    return out;
  }
}
