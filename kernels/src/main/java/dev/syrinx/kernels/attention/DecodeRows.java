package dev.syrinx.kernels.attention;

import static dev.syrinx.kernels.Memory.get;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.set;
import static dev.syrinx.kernels.Memory.spread;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** One head of {@link DecodeAttentionVector} over a few positions. Rows of the cache are {@code row} bytes apart. */
final class DecodeRows {
  private static final long VECTOR = LANES * 4L;

  private DecodeRows() {}

  /** scores[n] = scale · q · keys[n]. */
  static void dots(long q, long keys, long row, int n, int d, float scale, long scores) {
    int j = 0;
    for (; j + 4 <= n; j += 4) {
      dots4(q, keys + j * row, row, d, scale, scores + j * 4L);
    }
    for (; j < n; j++) {
      set(scores + j * 4L, scale * dot(q, keys + j * row, d));
    }
  }

  /** Four positions share the loads of q. Sums in the order of {@link #dot}. */
  private static void dots4(long q, long key, long row, int d, float scale, long scores) {
    FloatVector a0 = FloatVector.zero(F), a1 = a0, a2 = a0, a3 = a0;
    int c = 0;
    for (; c <= d - LANES; c += LANES) {
      FloatVector v = load(q + c * 4L);
      long k = key + c * 4L;
      a0 = v.fma(load(k), a0);
      a1 = v.fma(load(k + row), a1);
      a2 = v.fma(load(k + 2 * row), a2);
      a3 = v.fma(load(k + 3 * row), a3);
    }
    set(scores, scale * (VectorMath.sum(a0) + tail(q, key, c, d)));
    set(scores + 4, scale * (VectorMath.sum(a1) + tail(q, key + row, c, d)));
    set(scores + 8, scale * (VectorMath.sum(a2) + tail(q, key + 2 * row, c, d)));
    set(scores + 12, scale * (VectorMath.sum(a3) + tail(q, key + 3 * row, c, d)));
  }

  private static float dot(long q, long key, int d) {
    FloatVector a = FloatVector.zero(F);
    int c = 0;
    for (; c <= d - LANES; c += LANES) {
      a = load(q + c * 4L).fma(load(key + c * 4L), a);
    }
    return VectorMath.sum(a) + tail(q, key, c, d);
  }

  private static float tail(long q, long key, int from, int d) {
    float sum = 0;
    for (int c = from; c < d; c++) {
      sum += get(q + c * 4L) * get(key + c * 4L);
    }
    return sum;
  }

  /** Scores to weights relative to the largest, and their sum. The row has room for whole vectors. */
  static void softmax(long scores, int n, long sumAt) {
    for (int j = n; j % LANES != 0; j++) {
      set(scores + j * 4L, Float.NEGATIVE_INFINITY);
    }
    FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < n; j += LANES) {
      FloatVector v = load(scores + j * 4L);
      most = most.blend(v, v.compare(VectorOperators.GT, most));
    }
    FloatVector m = FloatVector.broadcast(F, VectorMath.max(most));
    FloatVector sum = FloatVector.zero(F);
    for (int j = 0; j < n; j += LANES) {
      FloatVector weight = VectorMath.expOfNegative(load(scores + j * 4L).sub(m));
      store(weight, scores + j * 4L);
      sum = sum.add(weight);
    }
    set(sumAt, VectorMath.sum(sum));
  }

  /** Zeros. */
  static void clear(long address, long bytes) {
    FloatVector zero = FloatVector.zero(F);
    for (long o = 0; o < bytes; o += VECTOR) {
      store(zero, address + o);
    }
  }

  /** output[d] += Σ weights[n] · values[n]. */
  static void add(long weights, long values, long row, int n, int d, long output) {
    int c = 0;
    for (; c <= d - 4 * LANES; c += 4 * LANES) {
      add4(weights, values + c * 4L, row, n, output + c * 4L);
    }
    for (; c <= d - LANES; c += LANES) {
      FloatVector sum = load(output + c * 4L);
      for (int j = 0; j < n; j++) {
        sum = load(values + j * row + c * 4L).fma(spread(weights + j * 4L), sum);
      }
      store(sum, output + c * 4L);
    }
    for (; c < d; c++) {
      float sum = get(output + c * 4L);
      for (int j = 0; j < n; j++) {
        sum += get(values + j * row + c * 4L) * get(weights + j * 4L);
      }
      set(output + c * 4L, sum);
    }
  }

  private static void add4(long weights, long values, long row, int n, long output) {
    FloatVector a0 = load(output);
    FloatVector a1 = load(output + VECTOR);
    FloatVector a2 = load(output + 2 * VECTOR);
    FloatVector a3 = load(output + 3 * VECTOR);
    for (int j = 0; j < n; j++) {
      FloatVector w = spread(weights + j * 4L);
      long v = values + j * row;
      a0 = w.fma(load(v), a0);
      a1 = w.fma(load(v + VECTOR), a1);
      a2 = w.fma(load(v + 2 * VECTOR), a2);
      a3 = w.fma(load(v + 3 * VECTOR), a3);
    }
    store(a0, output);
    store(a1, output + VECTOR);
    store(a2, output + 2 * VECTOR);
    store(a3, output + 3 * VECTOR);
  }

  /** y[d] = output / sum; zeros where no position was read. */
  static void finish(long output, long sum, int length, long y, int d) {
    float factor = length == 0 ? 0 : 1 / get(sum);
    int c = 0;
    for (; c <= d - LANES; c += LANES) {
      store(load(output + c * 4L).mul(factor), y + c * 4L);
    }
    for (; c < d; c++) {
      set(y + c * 4L, get(output + c * 4L) * factor);
    }
  }
}
