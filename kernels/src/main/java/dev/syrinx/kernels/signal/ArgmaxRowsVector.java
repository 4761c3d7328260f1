package dev.syrinx.kernels.signal;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.get;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.VectorMath;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Vector body of {@link ArgmaxRows}: the largest value, then the first place that holds it. */
final class ArgmaxRowsVector {
  private ArgmaxRowsVector() {}

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int d = a.dim("d");
    for (int r = begin; r < end; r++) {
      long x = address(a, "x") + r * a.stride("x") * 4;
      Cells.setInt(a.segment("y"), r, find(x, d, most(x, d)));
    }
  }

  /** A comparison with NaN is false: NaN is never taken. */
  private static float most(long x, int d) {
    FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    int c = 0;
    for (; c <= d - LANES; c += LANES) {
      FloatVector v = load(x + c * 4L);
      most = most.blend(v, v.compare(VectorOperators.GT, most));
    }
    float best = VectorMath.max(most);
    for (; c < d; c++) {
      best = get(x + c * 4L) > best ? get(x + c * 4L) : best;
    }
    return best;
  }

  private static int find(long x, int d, float value) {
    int c = 0;
    for (; c <= d - LANES; c += LANES) {
      VectorMask<Float> found = load(x + c * 4L).compare(VectorOperators.EQ, value);
      if (found.anyTrue()) {
        return c + found.firstTrue();
      }
    }
    for (; c < d; c++) {
      if (get(x + c * 4L) == value) {
        return c;
      }
    }
    return 0;
  }
}
