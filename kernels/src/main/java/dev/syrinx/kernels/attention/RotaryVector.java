package dev.syrinx.kernels.attention;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.get;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.set;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.VectorMath;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Vector body of {@link Rotary}. Both kinds of pairs become x · c + partner(x) · s with a row's cosines and sines spread to the columns of
 * one head: c once for each member of a pair, s with a minus for the first.
 */
final class RotaryVector {
  private RotaryVector() {}

  /** Spread cosines and sines of one row. */
  static long scratchBytes(Arguments a) {
    return 16L * a.dim("half");
  }

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int half = a.dim("half");
    int heads = a.i32("heads");
    boolean interleaved = a.i32("interleaved") != 0;
    long cos = scratch.address();
    long sin = cos + 8L * half;
    int entries = a.dim("entries");
    long x0 = address(a, "x");
    long xRow = a.stride("x") * 4;
    long cosines = address(a, "cos");
    long cosRow = a.stride("cos") * 4;
    long sines = address(a, "sin");
    long sinRow = a.stride("sin") * 4;
    for (int r = begin; r < end; r++) {
      long angle = Cells.index(a, "positions", r, entries);
      long x = x0 + r * xRow;
      spread(cosines + angle * cosRow, sines + angle * sinRow, half, interleaved, cos, sin);
      for (int h = 0; h < heads; h++) {
        if (interleaved) {
          neighbours(x + h * 8L * half, cos, sin, 2 * half);
        } else {
          halves(x + h * 8L * half, cos, sin, half);
        }
      }
    }
  }

  private static void spread(long cos, long sin, int half, boolean interleaved, long cosTo, long sinTo) {
    for (int i = 0; i < half; i++) {
      long first = interleaved ? 8L * i : 4L * i;
      long second = interleaved ? first + 4 : first + 4L * half;
      set(cosTo + first, get(cos + i * 4L));
      set(cosTo + second, get(cos + i * 4L));
      set(sinTo + first, -get(sin + i * 4L));
      set(sinTo + second, get(sin + i * 4L));
    }
  }

  private static void neighbours(long x, long cos, long sin, int d) {
    int i = 0;
    for (; i <= d - LANES; i += LANES) {
      FloatVector v = load(x + i * 4L);
      store(v.mul(load(cos + i * 4L)).add(VectorMath.swapPairs(v).mul(load(sin + i * 4L))), x + i * 4L);
    }
    if (i < d) {
      VectorMask<Float> mask = F.indexInRange(i, d);
      FloatVector v = load(x + i * 4L, mask);
      store(v.mul(load(cos + i * 4L, mask)).add(VectorMath.swapPairs(v).mul(load(sin + i * 4L, mask))), x + i * 4L, mask);
    }
  }

  private static void halves(long x, long cos, long sin, int half) {
    long second = x + half * 4L;
    int i = 0;
    for (; i <= half - LANES; i += LANES) {
      FloatVector u = load(x + i * 4L);
      FloatVector v = load(second + i * 4L);
      FloatVector c = load(cos + i * 4L);
      FloatVector s = load(sin + i * 4L);
      store(u.mul(c).add(v.mul(s)), x + i * 4L);
      store(v.mul(c).sub(u.mul(s)), second + i * 4L);
    }
    for (; i < half; i++) {
      float u = get(x + i * 4L);
      float v = get(second + i * 4L);
      float c = get(cos + i * 4L);
      float s = get(sin + i * 4L);
      set(x + i * 4L, u * c + v * s);
      set(second + i * 4L, v * c - u * s);
    }
  }
}
