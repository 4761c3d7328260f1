package dev.syrinx.audio;

import java.nio.file.Path;

/**
 * Reference recordings as the networks want them. The speaker's goes to the mel rate first and from there to the feature rate; the
 * emotion's goes straight to the feature rate. The two resamplers differ, so the same file gives slightly different signals.
 */
public final class SpeechAudio {
  /** Only so much of a recording is used, from its start. */
  public static final double MAX_SECONDS = 15;

  /** Below this a recording has too few frames for the networks that look at it. */
  public static final double MIN_SECONDS = 0.1;

  /** Read beyond the cut so that the filters see what follows it. */
  private static final double MARGIN_SECONDS = 0.5;

  private final int melRate;
  private final int featureRate;
  private final SincResampler toFeatures;

  /** A speaker's recording at two rates. */
  public static final class Speaker {
    private final float[] mel;
    private final float[] features;

    /** See the accessors; the arrays are not copied. */
    public Speaker(float[] mel, float[] features) {
      this.mel = mel;
      this.features = features;
    }

    /** One channel at the mel rate, ±1, at most 15 s. */
    public float[] mel() {
      return mel;
    }

    /** The same at the feature rate. */
    public float[] features() {
      return features;
    }
  }

  /**
   * @param melRate {@code s2mel.preprocess_params.sr}, in Hz
   * @param featureRate sampling rate of w2v-BERT and CAM++, in Hz
   */
  public SpeechAudio(int melRate, int featureRate) {
    this.melRate = melRate;
    this.featureRate = featureRate;
    this.toFeatures = new SincResampler(melRate, featureRate);
  }

  /**
   * Reads a speaker's recording.
   *
   * @throws AudioException if it cannot be read, is silent, too short or holds numbers that are no samples
   */
  public Speaker speaker(Path file) {
    return speaker(read(file), file.toString());
  }

  /** The same for a recording in memory; {@code name} is for messages. */
  public Speaker speaker(AudioClip clip, String name) {
    float[] mel = resampled(clip, name, melRate);
    return new Speaker(mel, toFeatures.resample(mel));
  }

  /**
   * Reads a recording of an emotion.
   *
   * @return one channel at the feature rate, ±1, at most 15 s
   * @throws AudioException as for {@link #speaker(Path)}
   */
  public float[] emotion(Path file) {
    return emotion(read(file), file.toString());
  }

  /** The same for a recording in memory; {@code name} is for messages. */
  public float[] emotion(AudioClip clip, String name) {
    return resampled(clip, name, featureRate);
  }

  private static AudioClip read(Path file) {
    return AudioReader.readMono(file, MAX_SECONDS + MARGIN_SECONDS);
  }

  private static float[] resampled(AudioClip clip, String name, int rate) {
    AudioClip mono = clip.mono();
    ClipCheck.usable(mono, name);
    return SoxrLikeResampler.resample(mono.samples(), mono.sampleRate(), rate, (int) (MAX_SECONDS * rate));
  }
}
