package dev.syrinx.audio;

import java.io.IOException;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a source into a clip. Memory grows with what arrives, never with what a header promises. */
final class PcmCollector {
  private static final Logger LOG = LoggerFactory.getLogger(PcmCollector.class);
  private static final int BLOCK_SAMPLES = 1 << 14;
  private static final int MOST_SAMPLES = Integer.MAX_VALUE - 16;

  private final String name;
  private final double maxSeconds;
  private final boolean mono;
  private float[] kept = new float[BLOCK_SAMPLES];
  private int used;

  PcmCollector(String name, double maxSeconds, boolean mono) {
    this.name = name;
    this.maxSeconds = maxSeconds;
    this.mono = mono;
  }

  AudioClip collect(PcmSource source) throws IOException {
    int channels = source.channels();
    int blockFrames = Math.max(1, BLOCK_SAMPLES / channels);
    float[] block = new float[blockFrames * channels];
    int keptChannels = mono ? 1 : channels;
    int mostFrames = MOST_SAMPLES / keptChannels;
    double limit = Math.min(Math.ceil(maxSeconds * source.sampleRate()), mostFrames);
    long frames = 0;
    while (frames < limit) {
      int got = source.read(block, (int) Math.min(blockFrames, (long) limit - frames));
      if (got == 0) {
        break;
      }
      append(block, channels, got);
      frames += got;
    }
    if (frames == 0) {
      throw new AudioException(name + ": holds no samples; " + Remedy.RECORD);
    }
    AudioClip clip = new AudioClip(Arrays.copyOf(kept, used), keptChannels, source.sampleRate());
    if (!source.remark().isEmpty()) {
      LOG.warn("{}: {}; going on with the {} s that are there", name, source.remark(), "%.2f".formatted(clip.seconds()));
    }
    return clip;
  }

  private void append(float[] block, int channels, int frames) {
    int added = mono ? frames : frames * channels;
    if (kept.length - used < added) {
      long doubled = Math.max((long) used + added, 2L * kept.length);
      kept = Arrays.copyOf(kept, (int) Math.min(doubled, MOST_SAMPLES));
    }
    if (mono) {
      Mixdown.mean(block, channels, kept, used, frames);
    } else {
      System.arraycopy(block, 0, kept, used, added);
    }
    used += added;
  }
}
