package dev.syrinx.kernels.norm;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.addressOrZero;

import dev.syrinx.kernels.Arguments;
import java.lang.foreign.MemorySegment;

/** Vector body of {@link RmsNorm}: two passes over a row that stays in the first-level cache. */
final class RmsNormVector {
  private RmsNormVector() {}

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int c = a.dim("c");
    long x = address(a, "x");
    long weight = addressOrZero(a, "weight");
    long bias = addressOrZero(a, "bias");
    for (int t = begin; t < end; t++) {
      long xt = x + t * a.stride("x") * 4;
      float factor = (float) (1 / Math.sqrt(RowVector.squares(xt, c, 0f) / c + a.f32("eps")));
      RowVector.finish(xt, 0f, factor, weight, bias, address(a, "y") + t * a.stride("y") * 4, c);
    }
  }
}
