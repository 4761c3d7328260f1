package dev.syrinx.kernels.norm;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.addressOrZero;

import dev.syrinx.kernels.Arguments;
import java.lang.foreign.MemorySegment;

/** Vector body of {@link L2Norm}. */
final class L2NormVector {
  private L2NormVector() {}

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int c = a.dim("c");
    long x = address(a, "x");
    long weight = addressOrZero(a, "weight");
    for (int t = begin; t < end; t++) {
      long xt = x + t * a.stride("x") * 4;
      double length = Math.sqrt(RowVector.squares(xt, c, 0f));
      float factor = (float) (a.f32("scale") / Math.max(length, a.f32("eps")));
      RowVector.finish(xt, 0f, factor, weight, 0, address(a, "y") + t * a.stride("y") * 4, c);
    }
  }
}
