package dev.syrinx.audio;

/** Triangular filters over the bins of a spectrum; each keeps only the range of bins where it is not zero. */
final class MelBank {
  private final int[] first;
  private final double[][] weights;

  private MelBank(int[] first, double[][] weights) {
    this.first = first;
    this.weights = weights;
  }

  /** [filters] first bin of each filter. */
  int[] first() {
    return first;
  }

  /** [filters][bins of that filter]. */
  double[][] weights() {
    return weights;
  }

  int filters() {
    return first.length;
  }

  double apply(int filter, double[] spectrum) {
    double[] row = weights[filter];
    int start = first[filter];
    double sum = 0;
    for (int i = 0; i < row.length; i++) {
      sum += row[i] * spectrum[start + i];
    }
    return sum;
  }

  /** Kaldi: mel = 1127 ln(1 + f/700), sides straight in mel, no normalisation of area. */
  static MelBank kaldi(int filters, int bins, double binWidth, double low, double high) {
    double from = kaldiMel(low);
    double step = (kaldiMel(high) - from) / (filters + 1);
    double[] mel = new double[bins];
    for (int bin = 0; bin < bins; bin++) {
      mel[bin] = kaldiMel(bin * binWidth);
    }
    double[] corners = new double[filters + 2];
    for (int i = 0; i < corners.length; i++) {
      corners[i] = from + i * step;
    }
    return triangles(corners, mel, false);
  }

  /** Slaney: mel linear below 1 kHz and logarithmic above, sides straight in Hz, area normalised to 1 Hz. */
  static MelBank slaney(int filters, int bins, double binWidth, double low, double high) {
    double from = slaneyMel(low);
    double step = (slaneyMel(high) - from) / (filters + 1);
    double[] corners = new double[filters + 2];
    for (int i = 0; i < corners.length; i++) {
      corners[i] = slaneyHertz(from + i * step);
    }
    double[] frequency = new double[bins];
    for (int bin = 0; bin < bins; bin++) {
      frequency[bin] = bin * binWidth;
    }
    return triangles(corners, frequency, true);
  }

  private static MelBank triangles(double[] corners, double[] positions, boolean areaOne) {
    int filters = corners.length - 2;
    int[] first = new int[filters];
    double[][] weights = new double[filters][];
    for (int m = 0; m < filters; m++) {
      double left = corners[m];
      double centre = corners[m + 1];
      double right = corners[m + 2];
      double scale = areaOne ? 2 / (right - left) : 1;
      int start = 0;
      while (start < positions.length && positions[start] <= left) {
        start++;
      }
      int end = start;
      while (end < positions.length && positions[end] < right) {
        end++;
      }
      double[] row = new double[end - start];
      for (int i = 0; i < row.length; i++) {
        double at = positions[start + i];
        row[i] = scale * Math.min((at - left) / (centre - left), (right - at) / (right - centre));
      }
      first[m] = start;
      weights[m] = row;
    }
    return new MelBank(first, weights);
  }

  private static double kaldiMel(double hertz) {
    return 1127 * Math.log1p(hertz / 700);
  }

  private static final double BREAK_HERTZ = 1000;
  private static final double BREAK_MEL = 15;
  private static final double LOG_STEP = Math.log(6.4) / 27;

  private static double slaneyMel(double hertz) {
    return hertz < BREAK_HERTZ ? 3 * hertz / 200 : BREAK_MEL + Math.log(hertz / BREAK_HERTZ) / LOG_STEP;
  }

  private static double slaneyHertz(double mel) {
    return mel < BREAK_MEL ? 200 * mel / 3 : BREAK_HERTZ * Math.exp(LOG_STEP * (mel - BREAK_MEL));
  }
}
