package dev.syrinx.audio;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads WAV and FLAC (own readers), MP3 and OGG Vorbis (library decoders under guard), only as far as asked.
 *
 * <p>What a file is, its first bytes decide, not its name. A WAV or FLAC file that ends early is read as far as it goes, with a warning.
 */
public final class AudioReader {
  private AudioReader() {}

  /**
   * Reads all channels.
   *
   * @param file to read
   * @param maxSeconds reading stops there
   * @throws AudioException if the file cannot be read or holds no samples
   */
  public static AudioClip read(Path file, double maxSeconds) {
    return fromFile(file, maxSeconds, false);
  }

  /** Like {@link #read(Path, double)}, but keeps only the mean of the channels, so many channels need no memory. */
  public static AudioClip readMono(Path file, double maxSeconds) {
    return fromFile(file, maxSeconds, true);
  }

  /**
   * Reads the mean of the channels from a stream, which stays open.
   *
   * @param in at the first byte of a file
   * @param name of the input, for messages
   * @param maxSeconds reading stops there
   * @throws AudioException if the stream cannot be read or holds no samples
   */
  public static AudioClip readMono(InputStream in, String name, double maxSeconds) {
    try {
      return decode(in, name, maxSeconds, true);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  private static AudioClip fromFile(Path file, double maxSeconds, boolean mono) {
    String name = file.toString();
    if (Files.isDirectory(file)) {
      throw new AudioException(name + ": is a folder; name an audio file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return decode(in, name, maxSeconds, mono);
    } catch (NoSuchFileException e) {
      throw new AudioException(name + ": no such file", e);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  private static AudioException unreadable(String name, IOException e) {
    return new AudioException(name + ": cannot be read: " + e.getMessage(), e);
  }

  private static AudioClip decode(InputStream raw, String name, double maxSeconds, boolean mono) throws IOException {
    BufferedInputStream in = new BufferedInputStream(raw, 1 << 16);
    boolean tagged = Id3.skip(in);
    in.mark(ContainerKind.SNIFFED);
    byte[] head = in.readNBytes(ContainerKind.SNIFFED);
    in.reset();
    if (head.length == 0) {
      throw new AudioException(name + ": the file is empty");
    }
    ContainerKind sniffed = ContainerKind.of(head);
    // Between a tag and the first frame there may be a stretch of anything; the decoder looks for the frame itself.
    ContainerKind kind = tagged && sniffed == ContainerKind.NOT_AUDIO ? ContainerKind.MP3 : sniffed;
    PcmCollector collector = new PcmCollector(name, maxSeconds, mono);
    return switch (kind) {
      case WAV -> collector.collect(new WavSource(in, name));
      case MP3 -> GuardedDecoding.decode(Mp3Source::new, in, name, collector, GuardedDecoding.LIMIT);
      case FLAC -> collector.collect(new FlacSource(in, name));
      case OGG_VORBIS -> GuardedDecoding.decode(VorbisSource::new, in, name, collector, GuardedDecoding.LIMIT);
      case NOT_AUDIO ->
          throw new AudioException(name + ": not audio (it starts with " + printable(head) + "); give a WAV, MP3, FLAC or OGG Vorbis file");
      default -> throw new AudioException(name + ": " + kind.title() + " is not supported; " + Remedy.CONVERT);
    };
  }

  private static String printable(byte[] head) {
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < Math.min(8, head.length); i++) {
      char c = (char) (head[i] & 0xff);
      text.append(c >= ' ' && c < 127 ? c : '.');
    }
    return text.append('"').toString();
  }
}
