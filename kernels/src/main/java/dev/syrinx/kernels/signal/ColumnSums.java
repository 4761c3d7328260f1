package dev.syrinx.kernels.signal;

import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Sums down the columns of a matrix; columns are lanes. Units are vectors of columns. */
final class ColumnSums {
  private ColumnSums() {}

  static int units(int columns) {
    return (columns + LANES - 1) / LANES;
  }

  /** Σ x[row][·] of {@code rows} rows. Two chains: the even and the odd rows. */
  static FloatVector sum(long x, long row, int rows, VectorMask<Float> mask) {
    FloatVector a = FloatVector.zero(F), b = a;
    int t = 0;
    for (; t + 2 <= rows; t += 2) {
      a = a.add(load(x + t * row, mask));
      b = b.add(load(x + (t + 1) * row, mask));
    }
    if (t < rows) {
      a = a.add(load(x + t * row, mask));
    }
    return a.add(b);
  }

  /** Σ (x[row][·] − mean)². */
  static FloatVector squares(long x, long row, int rows, FloatVector mean, VectorMask<Float> mask) {
    FloatVector a = FloatVector.zero(F), b = a;
    int t = 0;
    for (; t + 2 <= rows; t += 2) {
      FloatVector u = load(x + t * row, mask).sub(mean);
      FloatVector v = load(x + (t + 1) * row, mask).sub(mean);
      a = u.fma(u, a);
      b = v.fma(v, b);
    }
    if (t < rows) {
      FloatVector u = load(x + t * row, mask).sub(mean);
      a = u.fma(u, a);
    }
    return a.add(b);
  }
}
