package dev.syrinx.audio;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * A RIFF, RF64 or BW64 WAVE stream. Sizes in headers are only ever compared and skipped, never allocated.
 *
 * <p>Recorders that stream leave 0 or all ones as the size of the data: such a chunk ends where the stream ends.
 */
final class WavSource implements PcmSource {
  private static final long UNKNOWN = 0xffffffffL;
  private static final int FORMAT_BYTES = 40;

  private final InputStream in;
  private final String name;
  private final WavFormat format;
  private final boolean sized;
  private long remaining;
  private String remark = "";
  private byte[] buffer = new byte[0];

  /**
   * @param in at the first byte of the file
   * @param name for messages
   */
  WavSource(InputStream in, String name) throws IOException {
    this.in = in;
    this.name = name;
    byte[] riff = in.readNBytes(12);
    if (riff.length < 12) {
      throw truncated("its first 12 bytes");
    }
    WavFormat found = null;
    long wideSize = UNKNOWN;
    while (true) {
      byte[] head = chunkHead(found != null);
      long size = little32(head, 4);
      String id = new String(head, 0, 4, StandardCharsets.ISO_8859_1);
      if (id.equals("data")) {
        if (found == null) {
          throw new AudioException(name + ": the WAV file has no 'fmt ' chunk before its data; " + Remedy.CONVERT);
        }
        format = found;
        long real = size == UNKNOWN ? wideSize : size;
        sized = real > 0 && real != UNKNOWN;
        remaining = sized ? real : Long.MAX_VALUE;
        return;
      }
      int kept = id.equals("fmt ") ? FORMAT_BYTES : id.equals("ds64") ? 16 : 0;
      byte[] body = in.readNBytes((int) Math.min(size, kept));
      if (id.equals("fmt ")) {
        if (body.length < 14) {
          throw truncated("its 'fmt ' chunk (" + body.length + " bytes instead of 16)");
        }
        found = WavFormat.parse(body, name);
      } else if (id.equals("ds64") && body.length == 16) {
        long wide = little32(body, 8) | little32(body, 12) << 32;
        wideSize = wide > 0 ? wide : UNKNOWN;
      }
      skip(size - body.length + (size & 1));
    }
  }

  private byte[] chunkHead(boolean formatKnown) throws IOException {
    byte[] head = in.readNBytes(8);
    if (head.length < 8) {
      throw truncated(formatKnown ? "the 'data' chunk with its samples" : "the 'fmt ' chunk");
    }
    return head;
  }

  private AudioException truncated(String missing) {
    return new AudioException(name + ": the WAV file ends before " + missing + "; it is truncated, copy or export it again");
  }

  private static long little32(byte[] b, int at) {
    return ((b[at] & 0xff) | ((b[at + 1] & 0xff) << 8) | ((b[at + 2] & 0xff) << 16) | (b[at + 3] << 24)) & 0xffffffffL;
  }

  /** Past the end it stops silently: the next chunk head is then missing, and that is reported. */
  private void skip(long bytes) throws IOException {
    try {
      in.skipNBytes(bytes);
    } catch (EOFException e) {
      // the chunk head that is missing then is reported
    }
  }

  @Override
  public int channels() {
    return format.channels();
  }

  @Override
  public int sampleRate() {
    return format.sampleRate();
  }

  @Override
  public String remark() {
    return remark;
  }

  @Override
  public int read(float[] interleaved, int frames) throws IOException {
    int frameSize = format.frameSize();
    int wanted = (int) Math.min((long) frames * frameSize, remaining / frameSize * frameSize);
    if (buffer.length < wanted) {
      buffer = new byte[wanted];
    }
    int got = in.readNBytes(buffer, 0, wanted);
    remaining -= got;
    if (got < wanted && sized) {
      remark = "the header promises %d more bytes of samples than the file has: it is truncated".formatted(remaining);
    }
    int whole = got / frameSize;
    SampleEncoding encoding = format.encoding();
    for (int i = 0; i < whole * format.channels(); i++) {
      interleaved[i] = encoding.decode(buffer, i * encoding.size());
    }
    return whole;
  }
}
