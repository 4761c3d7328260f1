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
    long y = address(a, "y");
    long xRow = a.stride("x") * 4;
    long yRow = a.stride("y") * 4;
    float eps = a.f32("eps");
    for (int t = begin; t < end; t++) {
      float factor = (float) (1 / Math.sqrt(RowVector.squares(x + t * xRow, c, 0f) / c + eps));
      RowVector.finish(x + t * xRow, 0f, factor, weight, bias, y + t * yRow, c);
    }
  }
}
