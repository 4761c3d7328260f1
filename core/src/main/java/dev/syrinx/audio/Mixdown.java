package dev.syrinx.audio;

/** Many channels to one. */
final class Mixdown {
  private Mixdown() {}

  /** The mean of the channels of {@code frames} interleaved frames, written from {@code offset}. */
  static void mean(float[] interleaved, int channels, float[] out, int offset, int frames) {
    for (int f = 0; f < frames; f++) {
      double sum = 0;
      for (int c = 0; c < channels; c++) {
        sum += interleaved[f * channels + c];
      }
      out[offset + f] = (float) (sum / channels);
    }
  }
}
