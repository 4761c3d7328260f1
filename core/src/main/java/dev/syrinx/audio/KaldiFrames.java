package dev.syrinx.audio;

import java.util.function.DoubleUnaryOperator;

/**
 * The analysis that both filter banks share: 25 ms frames every 10 ms, only whole ones; mean removed, pre-emphasis, Povey window,
 * power spectrum, mel triangles from 20 Hz to the Nyquist frequency, natural logarithm with a floor. All in double precision.
 */
final class KaldiFrames {
  private static final double PREEMPHASIS = 0.97;
  private static final double LOW_HERTZ = 20;
  /** The spacing of float numbers at 1, which the reference implementations take as the smallest energy. */
  private static final double FLOOR = Math.ulp(1f);

  /** Frames that are worth a thread: about a tenth of a millisecond. */
  private static final int CHUNK = 16;

  private final int length;
  private final int hop;
  private final double[] window;
  private final RealFft fft;
  private final MelBank bank;

  KaldiFrames(int sampleRate, int filters) {
    this.length = sampleRate * 25 / 1000;
    this.hop = sampleRate * 10 / 1000;
    this.window = povey(length);
    int size = Integer.highestOneBit(Math.max(1, length - 1)) * 2;
    this.fft = new RealFft(size);
    this.bank = MelBank.kaldi(filters, fft.bins(), (double) sampleRate / size, LOW_HERTZ, sampleRate / 2.0);
  }

  private static double[] povey(int length) {
    double[] window = new double[length];
    for (int i = 0; i < length; i++) {
      window[i] = Math.pow(0.5 - 0.5 * Math.cos(2 * Math.PI * i / (length - 1)), 0.85);
    }
    return window;
  }

  int filters() {
    return bank.filters();
  }

  int frames(int samples) {
    return samples < length ? 0 : 1 + (samples - length) / hop;
  }

  /**
   * @param signal one channel
   * @param scale multiplies every sample first
   * @param spectrumRounding applied to the real and imaginary parts of the spectrum
   * @return [frames, filters]
   */
  FrameMatrix analyse(float[] signal, double scale, DoubleUnaryOperator spectrumRounding) {
    int frames = frames(signal.length);
    float[] out = new float[frames * filters()];
    Chunks.run(frames, CHUNK, (from, to) -> analyse(signal, scale, spectrumRounding, from, to, out));
    return new FrameMatrix(out, frames, filters());
  }

  private void analyse(float[] signal, double scale, DoubleUnaryOperator spectrumRounding, int from, int to, float[] out) {
    RealFft own = fft.another();
    double[] frame = new double[length];
    double[] real = new double[own.bins()];
    double[] imaginary = new double[own.bins()];
    for (int f = from; f < to; f++) {
      load(signal, f * hop, scale, frame);
      own.transform(frame, real, imaginary);
      for (int k = 0; k < real.length; k++) {
        double re = spectrumRounding.applyAsDouble(real[k]);
        double im = spectrumRounding.applyAsDouble(imaginary[k]);
        real[k] = re * re + im * im;
      }
      for (int m = 0; m < filters(); m++) {
        out[f * filters() + m] = (float) Math.log(Math.max(bank.apply(m, real), FLOOR));
      }
    }
  }

  private void load(float[] signal, int start, double scale, double[] frame) {
    double mean = 0;
    for (int i = 0; i < length; i++) {
      frame[i] = signal[start + i] * scale;
      mean += frame[i];
    }
    mean /= length;
    double previous = frame[0] - mean;
    for (int i = 0; i < length; i++) {
      double current = frame[i] - mean;
      frame[i] = (current - PREEMPHASIS * previous) * window[i];
      previous = current;
    }
  }
}
