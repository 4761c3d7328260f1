package dev.syrinx.audio;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The mel spectrogram of the reference voice, on which flow matching is conditioned and in which the vocoder's input is expressed:
 * natural logarithm of mel-weighted magnitudes, frames at multiples of the hop, edges reflected.
 */
public final class ReferenceMel {
  private static final double MAGNITUDE_FLOOR = 1e-9;
  private static final double MEL_FLOOR = 1e-5;

  /**
   * The parameters under {@code s2mel.preprocess_params} of the model's configuration.
   *
   * @param sampleRate {@code sr}, in Hz
   * @param fftSize {@code spect_params.n_fft}
   * @param windowLength {@code spect_params.win_length}, at most the FFT size
   * @param hop {@code spect_params.hop_length}
   * @param filters {@code spect_params.n_mels}
   * @param lowHertz {@code spect_params.fmin}
   * @param highHertz {@code spect_params.fmax}; for the word None, half the sample rate
   */
  public record Parameters(int sampleRate, int fftSize, int windowLength, int hop, int filters, double lowHertz, double highHertz) {
    /** The reference implementation knows two upper limits only: this one, and half the sample rate for the word None. */
    private static final double OTHER_HIGH_HERTZ = 8000;

    /**
     * @throws IllegalArgumentException if the numbers contradict each other
     */
    public Parameters {
      boolean sizes = sampleRate > 0 && windowLength > 0 && windowLength <= fftSize && hop > 0 && hop <= fftSize && filters > 0;
      if (!sizes || !(lowHertz >= 0 && lowHertz < highHertz && highHertz <= sampleRate / 2.0)) {
        throw new IllegalArgumentException(
            ("spect_params do not fit together: sr %d, n_fft %d, win_length %d, hop_length %d, n_mels %d, fmin %s, fmax %s; needed are"
                    + " win_length and hop_length up to n_fft, and fmin < fmax up to half of sr")
                .formatted(sampleRate, fftSize, windowLength, hop, filters, lowHertz, highHertz));
      }
    }

    /**
     * Takes them from the configuration. Any {@code fmax} but None means 8000 Hz, as in the reference implementation.
     *
     * @param preprocessParams the node {@code s2mel.preprocess_params}
     * @throws IllegalArgumentException if a number is missing or they contradict each other
     */
    public static Parameters of(JsonNode preprocessParams) {
      JsonNode spect = preprocessParams.path("spect_params");
      int sampleRate = number(preprocessParams, "sr");
      JsonNode high = spect.path("fmax");
      boolean none = high.isMissingNode() || high.isNull() || high.asText().equals("None");
      return new Parameters(
          sampleRate,
          number(spect, "n_fft"),
          number(spect, "win_length"),
          number(spect, "hop_length"),
          number(spect, "n_mels"),
          spect.path("fmin").asDouble(0),
          none ? sampleRate / 2.0 : OTHER_HIGH_HERTZ);
    }

    private static int number(JsonNode parent, String key) {
      JsonNode value = parent.path(key);
      if (!value.isIntegralNumber() || !value.canConvertToInt()) {
        throw new IllegalArgumentException("s2mel.preprocess_params: '" + key + "' is " + (value.isMissingNode() ? "missing" : value)
            + "; config.yaml must give a whole number");
      }
      return value.intValue();
    }
  }

  /** Frames that are worth a thread: about a tenth of a millisecond. */
  private static final int CHUNK = 8;

  private final Parameters parameters;
  private final RealFft fft;
  private final double[] window;
  private final MelBank bank;

  /** Prepares window and filters. */
  public ReferenceMel(Parameters parameters) {
    this.parameters = parameters;
    this.fft = new RealFft(parameters.fftSize());
    this.window = periodicHann(parameters.windowLength(), parameters.fftSize());
    double binWidth = (double) parameters.sampleRate() / parameters.fftSize();
    this.bank = MelBank.slaney(parameters.filters(), parameters.fftSize() / 2 + 1, binWidth, parameters.lowHertz(), parameters.highHertz());
  }

  /** A window shorter than the transform sits in its middle. */
  private static double[] periodicHann(int length, int size) {
    double[] window = new double[size];
    int left = (size - length) / 2;
    for (int i = 0; i < length; i++) {
      window[left + i] = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / length);
    }
    return window;
  }

  /** Frames for so many samples. */
  public int frames(int samples) {
    return Math.max(0, (samples + 2 * padding() - parameters.fftSize()) / parameters.hop() + 1);
  }

  private int padding() {
    return (parameters.fftSize() - parameters.hop()) / 2;
  }

  /**
   * @param signal one channel at the sample rate, ±1
   * @return [filters, frames], filter-major as the acoustic model wants it: one row per mel filter
   * @throws AudioException if the signal is too short to be reflected at its edges
   */
  public FrameMatrix logMel(float[] signal) {
    int frames = frames(signal.length);
    if (signal.length <= padding() || frames == 0) {
      throw AudioException.tooFewSamples("the reference mel spectrogram", signal.length, "more than " + padding() + " samples");
    }
    float[] out = new float[bank.filters() * frames];
    Chunks.run(frames, CHUNK, (from, to) -> logMel(signal, from, to, frames, out));
    return new FrameMatrix(out, bank.filters(), frames);
  }

  private void logMel(float[] signal, int from, int to, int frames, float[] out) {
    RealFft own = fft.another();
    double[] frame = new double[parameters.fftSize()];
    double[] real = new double[own.bins()];
    double[] imaginary = new double[own.bins()];
    for (int f = from; f < to; f++) {
      int start = f * parameters.hop() - padding();
      for (int i = 0; i < frame.length; i++) {
        frame[i] = signal[reflected(start + i, signal.length)] * window[i];
      }
      own.transform(frame, real, imaginary);
      for (int k = 0; k < real.length; k++) {
        real[k] = Math.sqrt(real[k] * real[k] + imaginary[k] * imaginary[k] + MAGNITUDE_FLOOR);
      }
      for (int m = 0; m < bank.filters(); m++) {
        out[m * frames + f] = (float) Math.log(Math.max(bank.apply(m, real), MEL_FLOOR));
      }
    }
  }

  private static int reflected(int index, int length) {
    int positive = Math.abs(index);
    return positive < length ? positive : 2 * (length - 1) - positive;
  }
}
