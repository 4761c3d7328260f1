package dev.syrinx.synth;

import dev.syrinx.audio.KaldiFbank;
import dev.syrinx.audio.ReferenceMel;
import dev.syrinx.audio.SeamlessFeatures;
import dev.syrinx.audio.SpeechAudio;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.weights.ModelConfig;
import dev.syrinx.weights.ModelConfig.Spectrogram;

/** The signal processing in front of the networks, with the sizes that a model asks for. */
public final class SignalFrontEnd {
  /** Sample rate of w2v-BERT's and CAM++'s features. */
  public static final int FEATURE_RATE = 16_000;

  /** Filter-bank frames that w2v-BERT takes as one. */
  private static final int STACKED = 2;

  private SignalFrontEnd() {}

  /** Loading and resampling of recordings. */
  public static SpeechAudio audio(ModelConfig config) {
    return new SpeechAudio(config.speechToMel().spectrogram().sampleRate(), FEATURE_RATE);
  }

  /** Features of w2v-BERT. */
  public static SeamlessFeatures seamless(IndexTts2 model) {
    return new SeamlessFeatures(FEATURE_RATE, filters(model), STACKED, 1f);
  }

  /** Features of CAM++, which has as many filters. */
  public static KaldiFbank fbank(IndexTts2 model) {
    return new KaldiFbank(FEATURE_RATE, filters(model));
  }

  private static int filters(IndexTts2 model) {
    return model.semantic().encoder().features() / STACKED;
  }

  /** Log-mel of the reference audio. */
  public static ReferenceMel mel(ModelConfig config) {
    Spectrogram s = config.speechToMel().spectrogram();
    return new ReferenceMel(new ReferenceMel.Parameters(
        s.sampleRate(), s.fftSize(), s.windowLength(), s.hopLength(), s.mels(), s.minFrequency(),
        s.maxFrequency().orElse(s.sampleRate() / 2.0)));
  }
}
