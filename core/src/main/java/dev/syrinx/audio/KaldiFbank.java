package dev.syrinx.audio;

import java.util.function.DoubleUnaryOperator;

/** The log mel filter bank that the speaker network (CAM++) reads: samples in ±1, no dither, no energy. */
public final class KaldiFbank {
  private final KaldiFrames frames;

  /**
   * @param sampleRate of the signals, in Hz
   * @param filters number of mel filters, 80 in the official pipeline
   */
  public KaldiFbank(int sampleRate, int filters) {
    this.frames = new KaldiFrames(sampleRate, filters);
  }

  /**
   * @param signal one channel at the sample rate, ±1
   * @return [1 + (samples − 25 ms) / 10 ms, filters], natural logarithms of power
   * @throws AudioException if the signal is shorter than one frame of 25 ms
   */
  public FrameMatrix features(float[] signal) {
    if (frames.frames(signal.length) == 0) {
      throw AudioException.tooFewSamples("a filter bank", signal.length, "one frame of 25 ms");
    }
    return frames.analyse(signal, 1, DoubleUnaryOperator.identity());
  }

  /** {@link #features} less the mean over time of each filter: the network's input. */
  public FrameMatrix centred(float[] signal) {
    FrameMatrix features = features(signal);
    float[] out = features.values().clone();
    for (int m = 0; m < features.columns(); m++) {
      double sum = 0;
      for (int i = m; i < out.length; i += features.columns()) {
        sum += out[i];
      }
      float mean = (float) (sum / features.rows());
      for (int i = m; i < out.length; i += features.columns()) {
        out[i] -= mean;
      }
    }
    return new FrameMatrix(out, features.rows(), features.columns());
  }
}
