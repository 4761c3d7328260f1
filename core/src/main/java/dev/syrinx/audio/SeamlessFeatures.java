package dev.syrinx.audio;

/**
 * The input of w2v-BERT: a log mel filter bank of samples at 16-bit scale, each filter normalised over time, frames stacked in pairs.
 *
 * <p>An odd last frame is paired with a padding frame. The mask follows the second frame of each pair, so that row is masked out
 * although half of it is real; it still counts as a row everywhere downstream.
 */
public final class SeamlessFeatures {
  private static final double SIXTEEN_BIT = 32768;
  private static final double EPSILON = 1e-7;

  private final KaldiFrames frames;
  private final int stride;
  private final float padding;

  /** Features and which of them are real. */
  public static final class Features {
    private final FrameMatrix values;
    private final int[] mask;

    /** See the accessors; the array is not copied. */
    public Features(FrameMatrix values, int[] mask) {
      this.values = values;
      this.mask = mask;
    }

    /** [ceil(frames / stride), filters · stride]. */
    public FrameMatrix values() {
      return values;
    }

    /** One entry per row: 1, or 0 where the row ends in padding. */
    public int[] mask() {
      return mask;
    }
  }

  /**
   * @param sampleRate of the signals, in Hz ({@code sampling_rate})
   * @param filters mel filters ({@code num_mel_bins})
   * @param stride frames per row ({@code stride})
   * @param padding value of the frames that fill the last row ({@code padding_value})
   */
  public SeamlessFeatures(int sampleRate, int filters, int stride, float padding) {
    this.frames = new KaldiFrames(sampleRate, filters);
    this.stride = stride;
    this.padding = padding;
  }

  /**
   * @param signal one channel at the sample rate, ±1
   * @throws AudioException if the signal has fewer than two frames, of which no variance can be taken (35 ms)
   */
  public Features features(float[] signal) {
    if (frames.frames(signal.length) < 2) {
      throw AudioException.tooFewSamples("w2v-BERT features", signal.length, "two frames, 35 ms");
    }
    // The reference keeps the spectrum in single precision, everything around it in double.
    FrameMatrix logMel = frames.analyse(signal, SIXTEEN_BIT, x -> (float) x);
    int rows = (logMel.rows() + stride - 1) / stride;
    float[] stacked = new float[rows * stride * logMel.columns()];
    java.util.Arrays.fill(stacked, logMel.values().length, stacked.length, padding);
    for (int m = 0; m < logMel.columns(); m++) {
      normalise(logMel, m, stacked);
    }
    int[] mask = new int[rows];
    for (int row = 0; row < rows; row++) {
      mask[row] = row * stride + stride - 1 < logMel.rows() ? 1 : 0;
    }
    return new Features(new FrameMatrix(stacked, rows, stride * logMel.columns()), mask);
  }

  /** Mean 0 and unbiased variance 1 over time. Stacking changes no position: rows of a row-major matrix just get longer. */
  private static void normalise(FrameMatrix logMel, int column, float[] out) {
    double mean = 0;
    for (int row = 0; row < logMel.rows(); row++) {
      mean += logMel.at(row, column);
    }
    mean /= logMel.rows();
    double squares = 0;
    for (int row = 0; row < logMel.rows(); row++) {
      double off = logMel.at(row, column) - mean;
      squares += off * off;
    }
    double scale = 1 / Math.sqrt(squares / (logMel.rows() - 1) + EPSILON);
    for (int row = 0; row < logMel.rows(); row++) {
      out[row * logMel.columns() + column] = (float) ((logMel.at(row, column) - mean) * scale);
    }
  }
}
