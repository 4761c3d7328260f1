package dev.syrinx.audio;

import java.io.IOException;
import java.io.InputStream;
import org.kc7bfi.jflac.ChannelData;
import org.kc7bfi.jflac.FLACDecoder;
import org.kc7bfi.jflac.frame.Frame;
import org.kc7bfi.jflac.metadata.StreamInfo;

/** FLAC by jFLAC, whose decoder is driven directly: integers of any width, without the detour over bytes. */
final class FlacSource implements PcmSource {
  private final FLACDecoder decoder;
  private final StreamInfo info;
  private final float scale;
  private int available;
  private int taken;

  /** @param in at the marker {@code fLaC} */
  FlacSource(InputStream in, String name) throws IOException {
    this.decoder = new FLACDecoder(in);
    this.info = decoder.readStreamInfo();
    if (info == null || info.getChannels() < 1 || info.getBitsPerSample() < 4 || info.getBitsPerSample() > 32) {
      throw new AudioException(name + ": the FLAC header is damaged; " + Remedy.CONVERT);
    }
    SampleRates.check(info.getSampleRate(), name);
    decoder.readMetadata(info);
    this.scale = (float) (1.0 / (1L << (info.getBitsPerSample() - 1)));
  }

  @Override
  public int channels() {
    return info.getChannels();
  }

  @Override
  public int sampleRate() {
    return info.getSampleRate();
  }

  @Override
  public int read(float[] interleaved, int frames) throws IOException {
    while (taken == available) {
      Frame frame = decoder.readNextFrame();
      if (frame == null) {
        return 0;
      }
      if (frame.header.channels != channels()) {
        throw new IOException("damaged FLAC: a frame of " + frame.header.channels + " channels among those of " + channels());
      }
      available = frame.header.blockSize;
      taken = 0;
    }
    int count = Math.min(frames, available - taken);
    ChannelData[] data = decoder.getChannelData();
    for (int c = 0; c < channels(); c++) {
      int[] samples = data[c].getOutput();
      for (int i = 0; i < count; i++) {
        interleaved[i * channels() + c] = samples[taken + i] * scale;
      }
    }
    taken += count;
    return count;
  }
}
