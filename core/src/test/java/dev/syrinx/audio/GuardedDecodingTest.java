package dev.syrinx.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Decoders at their worst. */
class GuardedDecodingTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  private static String failure(GuardedDecoding.Opener opener) {
    InputStream in = new ByteArrayInputStream(new byte[100]);
    PcmCollector collector = new PcmCollector("bad.mp3", 1, true);
    String message = assertThrows(AudioException.class, () -> GuardedDecoding.decode(opener, in, "bad.mp3", collector, SHORT)).getMessage();
    assertTrue(message.startsWith("bad.mp3: "), message);
    return message;
  }

  @Test
  void whateverIsThrownBecomesAMessage() {
    assertTrue(failure((in, name) -> { throw new ArrayIndexOutOfBoundsException("7"); }).contains("ArrayIndexOutOfBounds"));
    assertTrue(failure((in, name) -> { throw new StackOverflowError(); }).contains("StackOverflowError"));
    assertTrue(failure((in, name) -> { throw new OutOfMemoryError(); }).contains("more memory"));
    assertTrue(failure((in, name) -> { throw new IOException("odd"); }).contains("odd"));
    assertTrue(failure((in, name) -> { throw new NoClassDefFoundError("x/Y"); }).contains("class path"));
  }

  @Test
  void readingPastTheEndForEverIsEnded() {
    assertTrue(failure((in, name) -> spin(in)).contains("keeps reading past the end"));
  }

  private static PcmSource spin(BufferedInputStream in) throws IOException {
    while (in.read() != 1) {
      Thread.onSpinWait();
    }
    throw new IllegalStateException("there is no 1 in this input");
  }

  @Test
  void aHangIsReportedAndItsThreadEndsAtTheNextRead() throws InterruptedException {
    AtomicReference<Thread> worker = new AtomicReference<>();
    assertTrue(failure((in, name) -> sleepThenSpin(in, worker)).contains("did not end within"));
    worker.get().join(10_000);
    assertFalse(worker.get().isAlive());
  }

  private static PcmSource sleepThenSpin(BufferedInputStream in, AtomicReference<Thread> worker) throws IOException {
    worker.set(Thread.currentThread());
    try {
      Thread.sleep(600);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return spin(in);
  }

  @Test
  void theCallersStreamStaysOpen() throws IOException {
    boolean[] closed = new boolean[1];
    InputStream in =
        new ByteArrayInputStream(new byte[4]) {
          @Override
          public void close() {
            closed[0] = true;
          }
        };
    AudioClip clip =
        GuardedDecoding.decode((stream, name) -> closing(stream), in, "x", new PcmCollector("x", 1, true), SHORT.multipliedBy(50));
    assertEquals(1, clip.frames());
    assertFalse(closed[0]);
  }

  private static PcmSource closing(InputStream stream) throws IOException {
    stream.close();
    return new PcmSource() {
      private boolean done;

      @Override
      public int channels() {
        return 1;
      }

      @Override
      public int sampleRate() {
        return 8000;
      }

      @Override
      public int read(float[] interleaved, int frames) {
        int got = done ? 0 : 1;
        done = true;
        return got;
      }
    };
  }
}
