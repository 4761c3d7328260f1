package dev.syrinx.audio;

import java.io.IOException;

/** Decoded audio, a block at a time. */
interface PcmSource {
  int channels();

  int sampleRate();

  /**
   * Reads the next frames.
   *
   * @param interleaved receives up to {@code frames * channels()} samples at its start, full scale ±1
   * @param frames how many at most, positive
   * @return how many were read, 0 only at the end
   */
  int read(float[] interleaved, int frames) throws IOException;

  /** What was odd about the input so far and should be told; empty if nothing. */
  default String remark() {
    return "";
  }
}
