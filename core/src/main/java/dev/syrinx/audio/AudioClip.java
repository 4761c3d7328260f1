package dev.syrinx.audio;

import java.util.Arrays;

/**
 * Samples in memory, full scale ±1.
 *
 * <p>The array belongs to the clip: it is neither copied nor to be changed.
 */
public final class AudioClip {
  private final float[] samples;
  private final int channels;
  private final int sampleRate;

  /**
   * @param samples interleaved: channel c of frame f at {@code f * channels + c}
   * @param channels at least 1
   * @param sampleRate in Hz, at least 1
   * @throws IllegalArgumentException if the numbers do not fit each other
   */
  public AudioClip(float[] samples, int channels, int sampleRate) {
    if (channels < 1 || sampleRate < 1 || samples.length % channels != 0) {
      throw new IllegalArgumentException(samples.length + " samples, " + channels + " channels, " + sampleRate + " Hz: not a clip");
    }
    this.samples = samples;
    this.channels = channels;
    this.sampleRate = sampleRate;
  }

  /** Interleaved samples, [frames, channels] row-major. */
  public float[] samples() {
    return samples;
  }

  /** Number of channels. */
  public int channels() {
    return channels;
  }

  /** Frames per second. */
  public int sampleRate() {
    return sampleRate;
  }

  /** Samples per channel. */
  public int frames() {
    return samples.length / channels;
  }

  /** Length in seconds. */
  public double seconds() {
    return (double) frames() / sampleRate;
  }

  /** One channel: the mean of all. Mixing comes before any resampling, as in the official loader. */
  public AudioClip mono() {
    if (channels == 1) {
      return this;
    }
    float[] mixed = new float[frames()];
    Mixdown.mean(samples, channels, mixed, 0, mixed.length);
    return new AudioClip(mixed, 1, sampleRate);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AudioClip clip
        && channels == clip.channels
        && sampleRate == clip.sampleRate
        && Arrays.equals(samples, clip.samples);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(samples) + channels) + sampleRate;
  }

  @Override
  public String toString() {
    return "AudioClip[%.3f s, %d Hz, %d channel%s]".formatted(seconds(), sampleRate, channels, channels == 1 ? "" : "s");
  }
}
