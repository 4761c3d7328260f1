package dev.syrinx.audio;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs a library's decoder on bytes from anywhere. Such decoders were written for well-formed files: on others they may loop, ask for
 * gigabytes or throw whatever. Here each of these becomes an {@link AudioException}.
 *
 * <p>The decoder works in a thread of its own; when its time is up, its next look at the input fails, which ends all loops that read.
 */
final class GuardedDecoding {
  /** Thousands of times what 15 s of audio take. */
  static final Duration LIMIT = Duration.ofSeconds(30);

  /** A decoder that still asks after so many answers of "no more" is in a loop. */
  private static final int MOST_READS_PAST_END = 1000;

  /** Opens a source on a stream. */
  interface Opener {
    PcmSource open(BufferedInputStream in, String name) throws IOException;
  }

  private GuardedDecoding() {}

  static AudioClip decode(Opener opener, InputStream in, String name, PcmCollector collector, Duration limit) throws IOException {
    Leash leash = new Leash(in);
    FutureTask<AudioClip> task = new FutureTask<>(() -> collector.collect(opener.open(new BufferedInputStream(leash, 1 << 16), name)));
    Thread worker = Thread.ofPlatform().daemon().name("audio-decoder").start(task);
    try {
      return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new AudioException(
          name + ": decoding did not end within " + limit.toSeconds() + " s; the file is damaged, " + Remedy.CONVERT, e);
    } catch (InterruptedException e) {
      worker.interrupt();
      Thread.currentThread().interrupt();
      throw new AudioException(name + ": interrupted while decoding", e);
    } catch (ExecutionException e) {
      throw translated(e.getCause(), name);
    } finally {
      leash.cut();
    }
  }

  private static AudioException translated(Throwable cause, String name) throws IOException {
    return switch (cause) {
      case AudioException known -> known;
      case OutOfMemoryError memory ->
          new AudioException(name + ": its header asks for more memory than there is; the file is damaged, " + Remedy.CONVERT, memory);
      case LinkageError broken -> new AudioException(name + ": the decoder for this format is not on the class path: " + broken, broken);
      case VirtualMachineError grave when !(grave instanceof StackOverflowError) -> throw grave;
      default -> new AudioException(name + ": cannot be decoded (" + cause + "); the file is damaged, " + Remedy.CONVERT, cause);
    };
  }

  /** Ends every read after the cut, and those of a decoder that does not take the end for an answer. */
  private static final class Leash extends FilterInputStream {
    private volatile boolean cut;
    private int readsPastEnd;

    Leash(InputStream in) {
      super(in);
    }

    void cut() {
      cut = true;
    }

    private int checked(int got) throws IOException {
      if (got < 0 && ++readsPastEnd > MOST_READS_PAST_END) {
        throw new IOException("the decoder keeps reading past the end");
      }
      return got;
    }

    private void check() throws IOException {
      if (cut) {
        throw new IOException("decoding was given up");
      }
    }

    @Override
    public int read() throws IOException {
      check();
      return checked(in.read());
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      check();
      return checked(in.read(bytes, offset, length));
    }

    /** The stream belongs to the caller; decoders must not close it. */
    @Override
    public void close() {}
  }
}
