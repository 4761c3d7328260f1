package dev.syrinx.kernels.activation;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.addressOrZero;
import static dev.syrinx.kernels.Memory.copy;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.Arguments;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Vector body of {@link Pointwise}: the affine part to y, then the activation over the part of y that still lies in the first-level cache.
 */
final class PointwiseVector {
  private PointwiseVector() {}

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int columns = a.dim("c");
    int parts = Columns.parts(columns);
    long scale = addressOrZero(a, "scale");
    long shift = addressOrZero(a, "shift");
    int activation = a.i32("activation");
    long x0 = address(a, "x");
    long y0 = address(a, "y");
    long xRow = a.stride("x");
    long yRow = a.stride("y");
    for (int unit = begin; unit < end; unit++) {
      int first = unit % parts * Columns.SPAN;
      int n = Math.min(columns - first, Columns.SPAN);
      long x = x0 + (unit / parts * xRow + first) * 4;
      long y = y0 + (unit / parts * yRow + first) * 4;
      if (scale == 0 && shift == 0) {
        copy(x, y, n);
      } else if (scale == 0) {
        shift(x, shift + first * 4L, y, n);
      } else {
        affine(x, scale + first * 4L, shift == 0 ? 0 : shift + first * 4L, y, n);
      }
      ActivationVector.run(activation, y, n, scratch.address());
    }
  }

  private static void shift(long x, long shift, long y, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(load(x + i * 4L).add(load(shift + i * 4L)), y + i * 4L);
    }
    if (i < n) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      store(load(x + i * 4L, mask).add(load(shift + i * 4L, mask)), y + i * 4L, mask);
    }
  }

  /** {@code shift} may be 0 for none. */
  private static void affine(long x, long scale, long shift, long y, int n) {
    FloatVector zero = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector term = shift == 0 ? zero : load(shift + i * 4L);
      store(load(x + i * 4L).fma(load(scale + i * 4L), term), y + i * 4L);
    }
    if (i < n) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector term = shift == 0 ? zero : load(shift + i * 4L, mask);
      store(load(x + i * 4L, mask).fma(load(scale + i * 4L, mask), term), y + i * 4L, mask);
    }
  }
}
