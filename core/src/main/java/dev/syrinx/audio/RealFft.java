package dev.syrinx.audio;

import org.jtransforms.fft.DoubleFFT_1D;

/** Spectra of real frames of one size. Not safe for two threads at once: each takes {@link #another}. */
final class RealFft {
  private final int size;
  private final DoubleFFT_1D transform;
  private final double[] work;

  /** @param size length of the transform, any positive number */
  RealFft(int size) {
    this(size, new DoubleFFT_1D(size));
  }

  private RealFft(int size, DoubleFFT_1D transform) {
    this.size = size;
    this.transform = transform;
    this.work = new double[size];
  }

  /** The same for another thread; they share their tables. */
  RealFft another() {
    return new RealFft(size, transform);
  }

  /** Bins from 0 to the Nyquist frequency, both included. */
  int bins() {
    return size / 2 + 1;
  }

  /**
   * Transforms a frame, zero-padded on the right.
   *
   * @param frame at most {@code size} samples
   * @param real receives {@code bins()} values
   * @param imaginary receives {@code bins()} values
   */
  void transform(double[] frame, double[] real, double[] imaginary) {
    System.arraycopy(frame, 0, work, 0, frame.length);
    java.util.Arrays.fill(work, frame.length, size, 0);
    transform.realForward(work);
    // Packed: bin 0 at 0; bin k at 2k and 2k+1; for an even size the (real) Nyquist bin at 1, for an odd one its imaginary part there.
    int last = bins() - 1;
    real[0] = work[0];
    imaginary[0] = 0;
    for (int k = 1; k < last || (k == last && size % 2 == 1); k++) {
      real[k] = work[2 * k];
      imaginary[k] = 2 * k + 1 < size ? work[2 * k + 1] : work[1];
    }
    if (size % 2 == 0) {
      real[last] = work[1];
      imaginary[last] = 0;
    }
  }
}
