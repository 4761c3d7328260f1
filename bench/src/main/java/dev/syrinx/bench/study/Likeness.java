package dev.syrinx.bench.study;

import dev.syrinx.audio.FrameMatrix;
import dev.syrinx.audio.ReferenceMel;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.jtransforms.fft.DoubleFFT_1D;

/** How alike two pieces of speech are, sample by sample and frame by frame; both of the same length. */
final class Likeness {
  private static final int CEPSTRA = 13;
  private static final int FRAME = 1024;
  private static final int HOP = 256;

  /** Power below which a bin counts as silent, of samples at ±32767: a bit below the least of 16-bit audio. */
  private static final double SILENCE = 1e-2;

  private final ReferenceMel mel;

  Likeness(ReferenceMel mel) {
    this.mel = mel;
  }

  /** Share of equal codes by position, of the longer of both; over all pairs. */
  static double agreement(List<int[]> own, List<int[]> reference) {
    long equal = 0;
    long all = 0;
    for (int i = 0; i < own.size(); i++) {
      int[] a = own.get(i);
      int[] b = reference.get(i);
      for (int k = 0; k < Math.min(a.length, b.length); k++) {
        equal += a[k] == b[k] ? 1 : 0;
      }
      all += Math.max(a.length, b.length);
    }
    return all == 0 ? 1 : (double) equal / all;
  }

  /** Codes before the first difference, of the pair in which it comes first; all codes of the shortest where there is none. */
  static int firstDifference(List<int[]> own, List<int[]> reference) {
    int first = Integer.MAX_VALUE;
    for (int i = 0; i < own.size(); i++) {
      int at = java.util.Arrays.mismatch(own.get(i), reference.get(i));
      first = Math.min(first, at < 0 ? own.get(i).length : at);
    }
    return first;
  }

  /**
   * Everything about samples.
   *
   * @param own at ±32767
   * @param reference as many
   */
  Figures compare(float[] own, float[] reference) {
    OptionalDouble snr = snr(own, reference);
    Figures figures = snr.isPresent() ? Figures.NONE.with(Metric.SNR, snr.getAsDouble()) : Figures.NONE.without(Metric.SNR, "there is no difference");
    List<double[]> mine = frames(own);
    List<double[]> theirs = frames(reference);
    if (mine.isEmpty()) {
      String why = "the speech is shorter than a frame";
      return figures.without(Metric.MEL_COSINE, why).without(Metric.MEL_CEPSTRAL_DISTANCE, why).without(Metric.LOG_SPECTRAL_DISTANCE, why);
    }
    double cosine = 0;
    double cepstral = 0;
    for (int t = 0; t < mine.size(); t++) {
      cosine += cosine(mine.get(t), theirs.get(t));
      cepstral += cepstral(mine.get(t), theirs.get(t));
    }
    return figures.with(Metric.MEL_COSINE, cosine / mine.size()).with(Metric.MEL_CEPSTRAL_DISTANCE, cepstral / mine.size())
        .with(Metric.LOG_SPECTRAL_DISTANCE, spectral(own, reference));
  }

  /** Energy of the reference over that of the difference, in dB; empty if there is none. */
  static OptionalDouble snr(float[] own, float[] reference) {
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < own.length; i++) {
      double d = own[i] - reference[i];
      signal += (double) reference[i] * reference[i];
      noise += d * d;
    }
    return noise == 0 ? OptionalDouble.empty() : OptionalDouble.of(10 * Math.log10(signal / noise));
  }

  private List<double[]> frames(float[] scaled) {
    float[] unit = new float[scaled.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = scaled[i] / 32767f;
    }
    List<double[]> frames = new ArrayList<>();
    if (mel.frames(unit.length) < 1 || unit.length < FRAME) {
      return frames;
    }
    FrameMatrix matrix = mel.logMel(unit);
    for (int t = 0; t < matrix.columns(); t++) { // one row a band
      double[] frame = new double[matrix.rows()];
      for (int m = 0; m < frame.length; m++) {
        frame[m] = matrix.at(m, t);
      }
      frames.add(frame);
    }
    return frames;
  }

  private static double cosine(double[] a, double[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return aa == 0 || bb == 0 ? (aa == bb ? 1 : 0) : ab / Math.sqrt(aa * bb);
  }

  /** 10/ln 10 · sqrt(2 Σ (c − c')²) over cepstra 1 to 13, those of an orthonormal cosine transform. */
  private static double cepstral(double[] a, double[] b) {
    int n = a.length;
    double sum = 0;
    for (int k = 1; k <= CEPSTRA && k < n; k++) {
      double c = 0;
      for (int m = 0; m < n; m++) {
        c += (a[m] - b[m]) * Math.cos(Math.PI * k * (m + 0.5) / n);
      }
      c *= Math.sqrt(2.0 / n);
      sum += c * c;
    }
    return 10 / Math.log(10) * Math.sqrt(2 * sum);
  }

  /** Mean over the frames of the root mean square of the difference of log power spectra, in dB. */
  private static double spectral(float[] own, float[] reference) {
    int count = 1 + (own.length - FRAME) / HOP;
    DoubleFFT_1D transform = new DoubleFFT_1D(FRAME);
    double sum = 0;
    for (int t = 0; t < count; t++) {
      double[] a = power(transform, own, t * HOP);
      double[] b = power(transform, reference, t * HOP);
      double square = 0;
      for (int k = 0; k < a.length; k++) {
        double d = 10 * Math.log10((a[k] + SILENCE) / (b[k] + SILENCE));
        square += d * d;
      }
      sum += Math.sqrt(square / a.length);
    }
    return sum / count;
  }

  private static double[] power(DoubleFFT_1D transform, float[] samples, int from) {
    double[] work = new double[FRAME];
    for (int i = 0; i < FRAME; i++) {
      work[i] = samples[from + i] * (0.5 - 0.5 * Math.cos(2 * Math.PI * i / FRAME));
    }
    return power(transform, work);
  }

  /** Power of the bins between 0 and half the rate, both left out. */
  static double[] power(DoubleFFT_1D transform, double[] work) {
    transform.realForward(work);
    double[] power = new double[work.length / 2 - 1];
    for (int k = 1; k <= power.length; k++) {
      power[k - 1] = work[2 * k] * work[2 * k] + work[2 * k + 1] * work[2 * k + 1];
    }
    return power;
  }
}
