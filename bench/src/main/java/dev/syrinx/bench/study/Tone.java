package dev.syrinx.bench.study;

import dev.syrinx.audio.FrameMatrix;
import dev.syrinx.audio.ReferenceMel;
import dev.syrinx.backend.Ops;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.synth.SignalFrontEnd;
import org.jtransforms.fft.DoubleFFT_1D;

/** A tone through the vocoder: what comes back beside it. */
final class Tone {
  /** The tone repeats itself this often in each frame of the spectrogram, so that all frames are alike. */
  private static final int PERIODS = 5;

  private static final double SECONDS = 0.5;
  private static final int HARMONICS = 10;
  private static final int WINDOW = 8192;

  /** Bins on each side of a peak that belong to it: the main lobe of the window. */
  private static final int LOBE = 4;

  private Tone() {}

  /** The vocoder's answer to the mel spectrogram of the tone, analysed. */
  static Figures through(IndexTts2 model, Ops ops) {
    int rate = model.config().speechToMel().spectrogram().sampleRate();
    double hertz = (double) PERIODS * rate / model.vocoder().samplesPerFrame();
    ReferenceMel mel = SignalFrontEnd.mel(model.config());
    float[] tone = new float[(int) (rate * SECONDS)];
    for (int i = 0; i < tone.length; i++) {
      tone[i] = (float) (0.3 * Math.sin(2 * Math.PI * hertz * i / rate));
    }
    FrameMatrix bands = mel.logMel(tone);
    float[] heard;
    try (var _ = ops.scope()) {
      heard = model.vocoder().vocode(ops, ops.upload(byTime(bands), bands.columns(), bands.rows()));
    }
    return distortion(heard, rate, hertz);
  }

  private static float[] byTime(FrameMatrix bands) {
    float[] values = new float[bands.rows() * bands.columns()];
    for (int t = 0; t < bands.columns(); t++) {
      for (int m = 0; m < bands.rows(); m++) {
        values[t * bands.rows() + m] = bands.at(m, t);
      }
    }
    return values;
  }

  /** Amplitude of the harmonics 2 to 10 over that of the tone, from the middle of the signal; absent if the tone is not its loudest part. */
  static Figures distortion(float[] heard, int rate, double hertz) {
    if (heard.length < WINDOW) {
      return Figures.NONE.without(Metric.THD, "the answer of " + heard.length + " samples is too short");
    }
    int from = (heard.length - WINDOW) / 2;
    double[] work = new double[WINDOW];
    for (int i = 0; i < WINDOW; i++) {
      double phase = 2 * Math.PI * i / WINDOW;
      work[i] = heard[from + i] * (0.35875 - 0.48829 * Math.cos(phase) + 0.14128 * Math.cos(2 * phase) - 0.01168 * Math.cos(3 * phase));
    }
    double[] power = Likeness.power(new DoubleFFT_1D(WINDOW), work);
    double tone = around(power, hertz, rate);
    double all = 0;
    for (double p : power) {
      all += p;
    }
    if (!(tone > 0.1 * all)) {
      return Figures.NONE.without(Metric.THD, "the vocoder gives no tone back: its bin has " + Math.round(100 * tone / all) + " % of the power");
    }
    double harmonics = 0;
    for (int h = 2; h <= HARMONICS && h * hertz < rate / 2.0 - 4.0 * LOBE * rate / WINDOW; h++) {
      harmonics += around(power, h * hertz, rate);
    }
    return Figures.NONE.with(Metric.THD, 100 * Math.sqrt(harmonics / tone));
  }

  private static double around(double[] power, double hertz, int rate) {
    int bin = (int) Math.round(hertz * WINDOW / rate) - 1;
    double sum = 0;
    for (int k = Math.max(0, bin - LOBE); k <= Math.min(power.length - 1, bin + LOBE); k++) {
      sum += power[k];
    }
    return sum;
  }
}
