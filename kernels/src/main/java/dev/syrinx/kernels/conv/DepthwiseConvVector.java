package dev.syrinx.kernels.conv;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.addressOrZero;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.Arguments;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Vector body of {@link DepthwiseConv}: channels are lanes; where no tap falls outside, four rows share the loads of the weights. Every
 * output adds its taps in order.
 */
final class DepthwiseConvVector {
  private DepthwiseConvVector() {}

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int left = a.i32("left");
    int taps = a.dim("taps");
    int rows = a.dim("t");
    int c = a.dim("c");
    int whole = c & -LANES;
    long xRow = a.stride("x") * 4;
    long wRow = a.stride("w") * 4;
    long yRow = a.stride("y") * 4;
    long w = address(a, "w");
    long bias = addressOrZero(a, "bias");
    for (int r = begin; r < end; ) {
      long first = r - (long) left;
      long x = address(a, "x") + first * xRow;
      long y = address(a, "y") + r * yRow;
      boolean inside = first >= 0 && first + 3 + taps <= rows && r + 4 <= end;
      int from = inside ? 0 : Math.clamp(-first, 0, taps);
      int to = inside ? taps : Math.clamp(rows - first, from, taps);
      int count = inside ? 4 : 1;
      if (inside) {
        four(x, xRow, w, wRow, taps, bias, y, yRow, whole);
      } else {
        one(x, xRow, w, wRow, from, to, bias, y, whole);
      }
      for (int i = 0; i < count && whole < c; i++) {
        rest(x + i * xRow, xRow, w, wRow, from, to, bias, y + i * yRow, whole, c);
      }
      r += count;
    }
  }

  private static void four(long x, long xRow, long w, long wRow, int taps, long bias, long y, long yRow, int whole) {
    for (long c = 0; c < whole * 4L; c += LANES * 4L) {
      FloatVector a0 = bias == 0 ? FloatVector.zero(F) : load(bias + c);
      FloatVector a1 = a0, a2 = a0, a3 = a0;
      long p = x + c;
      long q = w + c;
      for (int j = 0; j < taps; j++) {
        FloatVector v = load(q);
        a0 = v.fma(load(p), a0);
        a1 = v.fma(load(p + xRow), a1);
        a2 = v.fma(load(p + 2 * xRow), a2);
        a3 = v.fma(load(p + 3 * xRow), a3);
        p += xRow;
        q += wRow;
      }
      store(a0, y + c);
      store(a1, y + c + yRow);
      store(a2, y + c + 2 * yRow);
      store(a3, y + c + 3 * yRow);
    }
  }

  private static void one(long x, long xRow, long w, long wRow, int from, int to, long bias, long y, int whole) {
    for (long c = 0; c < whole * 4L; c += LANES * 4L) {
      FloatVector sum = bias == 0 ? FloatVector.zero(F) : load(bias + c);
      for (int j = from; j < to; j++) {
        sum = load(w + j * wRow + c).fma(load(x + j * xRow + c), sum);
      }
      store(sum, y + c);
    }
  }

  /** The channels that fill no vector. */
  private static void rest(long x, long xRow, long w, long wRow, int from, int to, long bias, long y, int whole, int channels) {
    VectorMask<Float> mask = F.indexInRange(whole, channels);
    long c = whole * 4L;
    FloatVector sum = bias == 0 ? FloatVector.zero(F) : load(bias + c, mask);
    for (int j = from; j < to; j++) {
      sum = load(w + j * wRow + c, mask).fma(load(x + j * xRow + c, mask), sum);
    }
    store(sum, y + c, mask);
  }
}
