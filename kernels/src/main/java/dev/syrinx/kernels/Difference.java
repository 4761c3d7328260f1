package dev.syrinx.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

/**
 * How far a variant's output is from the reference's.
 *
 * @param share largest error as a share of what is allowed: 1 is the limit; infinite where a value should be equal and is not
 * @param where the element with the largest error, expected and found; empty if there is no error at all
 */
public record Difference(double share, String where) {
  /** No difference. */
  public static final Difference NONE = new Difference(0, "");

  /** Whether it is within bounds. */
  public boolean allowed() {
    return share <= 1;
  }

  /** The larger of two. */
  public Difference or(Difference other) {
    return other.share > share ? other : this;
  }

  /**
   * Compares one output.
   *
   * @param want the reference's call, done, its buffers without gaps
   * @param got the other call, done, of the same extents
   * @param arithmetic type to which the variant rounds its factors
   */
  public static Difference of(Arguments want, Arguments got, Param param, DType arithmetic) {
    View w = want.view(param.name());
    View g = got.view(param.name());
    return w.dtype() == DType.I32 ? integers(w, g, param) : floats(w, g, param, want.spec().tolerance().bound(want, rms(w), w.dtype() == DType.F16 ? DType.F16 : arithmetic));
  }

  private static Difference integers(View w, View g, Param param) {
    for (long i = 0; i < w.elements(); i++) {
      int expected = w.segment().get(JAVA_INT_UNALIGNED, i * 4);
      int actual = g.segment().get(JAVA_INT_UNALIGNED, place(g, i) * 4);
      if (expected != actual) {
        return new Difference(Double.POSITIVE_INFINITY, param.name() + "[" + i + "]: expected " + expected + ", got " + actual);
      }
    }
    return NONE;
  }

  private static Difference floats(View w, View g, Param param, double bound) {
    double worst = 0;
    long at = -1;
    for (long i = 0; i < w.elements(); i++) {
      float expected = Cells.get(w.segment(), w.dtype(), i);
      double share = share(expected, Cells.get(g.segment(), g.dtype(), place(g, i)), bound);
      if (share > worst) {
        worst = share;
        at = i;
      }
    }
    if (at < 0) {
      return NONE;
    }
    float expected = Cells.get(w.segment(), w.dtype(), at);
    float actual = Cells.get(g.segment(), g.dtype(), place(g, at));
    return new Difference(worst, param.name() + "[" + at + "]: expected " + expected + ", got " + actual + ", bound " + bound);
  }

  private static double share(float expected, float actual, double bound) {
    if (!Float.isFinite(expected)) {
      return Float.compare(expected, actual) == 0 ? 0 : Double.POSITIVE_INFINITY;
    }
    double error = Math.abs((double) expected - actual);
    return error == 0 ? 0 : Double.isNaN(error) ? Double.POSITIVE_INFINITY : error / bound;
  }

  /** Where the i-th logical element lies. */
  private static long place(View view, long i) {
    long row = view.elements() / view.extent(0);
    return i / row * view.rowStride() + i % row;
  }

  private static double rms(View view) {
    double sum = 0;
    long count = 0;
    for (long i = 0; i < view.elements(); i++) {
      float value = Cells.get(view.segment(), view.dtype(), i);
      if (Float.isFinite(value)) {
        sum += (double) value * value;
        count++;
      }
    }
    return count == 0 ? 0 : Math.sqrt(sum / count);
  }
}
