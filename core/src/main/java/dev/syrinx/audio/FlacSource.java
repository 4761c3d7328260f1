package dev.syrinx.audio;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * FLAC (RFC 9639). Own code, because the Java decoders to be had loop for half a minute on a damaged frame; here the checksum of every
 * frame is verified. A stream that ends early is read as far as whole frames go.
 */
final class FlacSource implements PcmSource {
  private static final int STREAM_INFO_BYTES = 34;

  private final FlacBits bits;
  private final String name;
  private int channels;
  private int sampleRate;
  private int depth;
  private long remaining;
  private long[][] block;
  private int available;
  private int taken;
  private String remark = "";

  /** @param in at the marker {@code fLaC} */
  FlacSource(InputStream in, String name) throws IOException {
    this.bits = new FlacBits(in);
    this.name = name;
    try {
      bits.unsigned(32);
      boolean last = false;
      for (int index = 0; !last; index++) {
        last = bits.unsigned(1) == 1;
        int type = (int) bits.unsigned(7);
        long length = bits.unsigned(24);
        if ((index == 0) != (type == 0) || (type == 0 && length < STREAM_INFO_BYTES)) {
          throw new AudioException(name + ": the FLAC file does not begin with its stream description; it is damaged, export it again");
        }
        if (type == 0) {
          readStreamInfo();
          length -= STREAM_INFO_BYTES;
        }
        in.skipNBytes(length);
      }
    } catch (EOFException e) {
      throw new AudioException(name + ": the FLAC file ends inside its header; it is truncated, copy or export it again", e);
    }
    this.block = new long[channels][0];
  }

  private void readStreamInfo() throws IOException {
    bits.unsigned(32);
    bits.unsigned(24);
    bits.unsigned(24);
    sampleRate = (int) bits.unsigned(20);
    channels = (int) bits.unsigned(3) + 1;
    depth = (int) bits.unsigned(5) + 1;
    long total = bits.unsigned(4) << 32 | bits.unsigned(32);
    remaining = total == 0 ? Long.MAX_VALUE : total;
    for (int i = 0; i < 4; i++) {
      bits.unsigned(32);
    }
    SampleRates.check(sampleRate, name);
  }

  @Override
  public int channels() {
    return channels;
  }

  @Override
  public int sampleRate() {
    return sampleRate;
  }

  @Override
  public String remark() {
    return remark;
  }

  @Override
  public int read(float[] interleaved, int frames) throws IOException {
    while (taken == available) {
      if (remaining <= 0 || !nextBlock()) {
        return 0;
      }
    }
    int count = (int) Math.min(Math.min(frames, available - taken), remaining);
    float scale = (float) Math.scalb(1.0, 1 - depth);
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < count; i++) {
        interleaved[i * channels + c] = block[c][taken + i] * scale;
      }
    }
    taken += count;
    remaining -= count;
    return count;
  }

  private boolean nextBlock() throws IOException {
    bits.restartChecksums();
    int first = bits.byteOrEnd();
    try {
      if (first < 0) {
        remark = remaining == Long.MAX_VALUE ? "" : "the file ends " + remaining + " samples early: it is truncated";
        return false;
      }
      if (first != 0xff) {
        throw new IOException("no frame where one should begin");
      }
      decodeFrame(FlacFrame.parse(bits, depth));
      return true;
    } catch (EOFException e) {
      remark = "the file ends inside a frame: it is truncated";
      return false;
    } catch (IOException e) {
      throw new AudioException(name + ": damaged FLAC (" + e.getMessage() + "); copy or export the file again", e);
    }
  }

  private void decodeFrame(FlacFrame frame) throws IOException {
    if (frame.channels() != channels || frame.bits() != depth) {
      throw new IOException("a frame of " + frame.channels() + " channels and " + frame.bits() + " bits");
    }
    if (block[0].length < frame.blockSize()) {
      block = new long[channels][frame.blockSize()];
    }
    for (int c = 0; c < channels; c++) {
      boolean side = c == (frame.assignment() == FlacFrame.SIDE_RIGHT ? 0 : 1) && frame.assignment() >= FlacFrame.LEFT_SIDE;
      FlacSubframe.decode(bits, side ? depth + 1 : depth, block[c], frame.blockSize());
    }
    bits.align();
    int expected = bits.crc16();
    if (bits.unsigned(16) != expected) {
      throw new IOException("a frame whose checksum is wrong");
    }
    joinStereo(frame);
    available = frame.blockSize();
    taken = 0;
  }

  private void joinStereo(FlacFrame frame) {
    for (int i = 0; frame.assignment() >= FlacFrame.LEFT_SIDE && i < frame.blockSize(); i++) {
      long a = block[0][i];
      long b = block[1][i];
      switch (frame.assignment()) {
        case FlacFrame.LEFT_SIDE -> block[1][i] = a - b;
        case FlacFrame.SIDE_RIGHT -> block[0][i] = a + b;
        default -> {
          long sum = (a << 1) | (b & 1);
          block[0][i] = (sum + b) >> 1;
          block[1][i] = (sum - b) >> 1;
        }
      }
    }
  }
}
