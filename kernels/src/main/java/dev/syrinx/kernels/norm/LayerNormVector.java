package dev.syrinx.kernels.norm;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.addressOrZero;

import dev.syrinx.kernels.Arguments;
import java.lang.foreign.MemorySegment;

/** Vector body of {@link LayerNorm}: three passes over a row that stays in the first-level cache. */
final class LayerNormVector {
  private LayerNormVector() {}

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
      long xt = x + t * xRow;
      float mean = RowVector.sum(xt, c) / c;
      float variance = RowVector.squares(xt, c, mean) / c;
      float factor = (float) (1 / Math.sqrt(variance + eps));
      RowVector.finish(xt, mean, factor, weight, bias, y + t * yRow, c);
    }
  }
}
