package dev.syrinx.audio;

import java.io.BufferedInputStream;
import java.io.IOException;
import javazoom.jl.decoder.Bitstream;
import javazoom.jl.decoder.BitstreamException;
import javazoom.jl.decoder.Decoder;
import javazoom.jl.decoder.DecoderException;
import javazoom.jl.decoder.Header;
import javazoom.jl.decoder.Obuffer;

/**
 * MPEG audio, layers I to III, by JLayer. Its decoder is driven directly: frame by frame, and with samples before rounding to 16 bits,
 * both of which its Java Sound provider hides.
 */
final class Mp3Source implements PcmSource {
  /** So many frames in a row that cannot be decoded end the stream. */
  private static final int MOST_BAD_FRAMES = 100;

  private final Bitstream frames;
  private final Decoder decoder = new Decoder();
  private final FrameBuffer buffer = new FrameBuffer();
  private final int channels;
  private final int sampleRate;
  private Header header;
  /** Whether {@code header} is that of a frame still to be decoded. */
  private boolean held;
  private long toSkip;
  private long toKeep;
  private int badFrames;

  /** @param in at the first frame */
  Mp3Source(BufferedInputStream in, String name) throws IOException {
    Mp3Gapless gapless = Mp3Gapless.peek(in);
    this.frames = new Bitstream(in);
    decoder.setOutputBuffer(buffer);
    this.header = nextHeader();
    if (header == null) {
      throw new AudioException(name + ": no MPEG audio frame found; the MP3 file is damaged, " + Remedy.CONVERT);
    }
    this.channels = channels(header);
    this.sampleRate = header.frequency();
    this.held = !gapless.infoFrame();
    if (!held) {
      frames.closeFrame();
    }
    this.toSkip = gapless.skipped();
    this.toKeep = gapless.length();
  }

  private static int channels(Header header) {
    return header.mode() == Header.SINGLE_CHANNEL ? 1 : 2;
  }

  private Header nextHeader() throws IOException {
    try {
      return frames.readFrame();
    } catch (BitstreamException e) {
      throw new IOException("damaged MPEG audio: " + e.getMessage(), e);
    }
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
  public int read(float[] interleaved, int wanted) throws IOException {
    while (true) {
      while (buffer.available() == 0) {
        if (toKeep == 0 || !decodeFrame()) {
          return 0;
        }
      }
      int skipped = (int) Math.min(toSkip, buffer.available());
      buffer.drop(skipped);
      toSkip -= skipped;
      int got = (int) Math.min(Math.min(wanted, toKeep), buffer.available());
      if (got > 0) {
        buffer.take(interleaved, got, channels);
        toKeep -= got;
        return got;
      }
      if (toKeep == 0) {
        return 0;
      }
    }
  }

  /** False at the end. A frame of another format, or one that cannot be decoded, is a false synchronisation and passed over. */
  private boolean decodeFrame() throws IOException {
    header = held ? header : nextHeader();
    held = false;
    if (header == null || badFrames > MOST_BAD_FRAMES) {
      return false;
    }
    buffer.reset();
    try {
      if (channels(header) == channels && header.frequency() == sampleRate) {
        decoder.decodeFrame(header, frames);
        badFrames = 0;
      } else {
        badFrames++;
      }
    } catch (DecoderException | IndexOutOfBoundsException | NullPointerException e) {
      badFrames++;
    } finally {
      frames.closeFrame();
    }
    return true;
  }

  /** Receives the subband synthesis of both channels, 32 samples at a time. */
  private static final class FrameBuffer extends Obuffer {
    /** Not 2^15: the decoder leaves some room below it, and taking that for full scale would make every clip 0.2 % quieter. */
    private static final float FULL_SCALE = 32700f;
    private static final int FRAME = 1152;

    private final float[][] samples = new float[MAXCHANNELS][2 * FRAME];
    private final int[] used = new int[MAXCHANNELS];
    private int taken;

    void reset() {
      java.util.Arrays.fill(used, 0);
      taken = 0;
    }

    int available() {
      return used[0] - taken;
    }

    void drop(int count) {
      taken += count;
    }

    void take(float[] interleaved, int count, int channels) {
      for (int i = 0; i < count; i++) {
        for (int c = 0; c < channels; c++) {
          interleaved[i * channels + c] = samples[c][taken + i] / FULL_SCALE;
        }
      }
      taken += count;
    }

    @Override
    public void append(int channel, short value) {
      samples[channel][used[channel]++] = value;
    }

    @Override
    public void appendSamples(int channel, float[] values) {
      System.arraycopy(values, 0, samples[channel], used[channel], 32);
      used[channel] += 32;
    }

    @Override
    public void write_buffer(int value) {}

    @Override
    public void close() {}

    @Override
    public void clear_buffer() {}

    @Override
    public void set_stop_flag() {}
  }
}
