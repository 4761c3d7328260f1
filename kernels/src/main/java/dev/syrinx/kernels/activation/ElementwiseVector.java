package dev.syrinx.kernels.activation;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.Arguments;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Vector body of {@link Elementwise}: one loop for each number of terms, so that a dropped one is not read. */
final class ElementwiseVector {
  private ElementwiseVector() {}

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int columns = a.dim("c");
    int parts = Columns.parts(columns);
    boolean hasX = a.f32("a") != 0;
    boolean hasZ = a.f32("b") != 0;
    String first = hasX || !hasZ ? "x" : "z";
    float factor = hasX ? a.f32("a") : a.f32("b");
    float second = a.f32("b");
    float constant = a.f32("c");
    long x0 = address(a, first);
    long xRow = a.stride(first);
    long z0 = hasX && hasZ ? address(a, "z") : 0;
    long zRow = hasX && hasZ ? a.stride("z") : 0;
    long y0 = address(a, "y");
    long yRow = a.stride("y");
    for (int unit = begin; unit < end; unit++) {
      int from = unit % parts * Columns.SPAN;
      int t = unit / parts;
      int n = Math.min(columns - from, Columns.SPAN);
      long y = y0 + (t * yRow + from) * 4;
      long x = x0 + (t * xRow + from) * 4;
      if (hasX && hasZ) {
        two(x, factor, z0 + (t * zRow + from) * 4, second, constant, y, n);
      } else if (hasX || hasZ) {
        one(x, factor, constant, y, n);
      } else {
        none(constant, y, n);
      }
    }
  }

  private static void two(long x, float a, long z, float b, float c, long y, int n) {
    FloatVector av = FloatVector.broadcast(F, a);
    FloatVector bv = FloatVector.broadcast(F, b);
    FloatVector cv = FloatVector.broadcast(F, c);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(load(x + i * 4L).fma(av, load(z + i * 4L).fma(bv, cv)), y + i * 4L);
    }
    if (i < n) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      store(load(x + i * 4L, mask).fma(av, load(z + i * 4L, mask).fma(bv, cv)), y + i * 4L, mask);
    }
  }

  private static void one(long x, float a, float c, long y, int n) {
    FloatVector av = FloatVector.broadcast(F, a);
    FloatVector cv = FloatVector.broadcast(F, c);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(load(x + i * 4L).fma(av, cv), y + i * 4L);
    }
    if (i < n) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      store(load(x + i * 4L, mask).fma(av, cv), y + i * 4L, mask);
    }
  }

  private static void none(float c, long y, int n) {
    FloatVector cv = FloatVector.broadcast(F, c);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(cv, y + i * 4L);
    }
    if (i < n) {
      store(cv, y + i * 4L, F.indexInRange(i, n));
    }
  }
}
