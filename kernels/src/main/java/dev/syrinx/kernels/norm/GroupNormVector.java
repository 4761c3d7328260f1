package dev.syrinx.kernels.norm;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.addressOrZero;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.activation.ActivationVector;
import java.lang.foreign.MemorySegment;

/** Vector body of {@link GroupNorm}: row sums in vectors, their sum in double; every run repeats the statistics, for all rows in order. */
final class GroupNormVector {
  private GroupNormVector() {}

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    if (begin == end) {
      return;
    }
    int c = a.dim("c");
    int rows = a.dim("t");
    long x = address(a, "x");
    long y = address(a, "y");
    long weight = addressOrZero(a, "weight");
    long bias = addressOrZero(a, "bias");
    double sum = 0;
    for (int t = 0; t < rows; t++) {
      sum += RowVector.sum(x + t * a.stride("x") * 4, c);
    }
    float mean = (float) (sum / rows / c);
    double squares = 0;
    for (int t = 0; t < rows; t++) {
      squares += RowVector.squares(x + t * a.stride("x") * 4, c, mean);
    }
    float factor = (float) (1 / Math.sqrt(squares / rows / c + a.f32("eps")));
    for (int t = begin; t < end; t++) {
      long yt = y + t * a.stride("y") * 4;
      RowVector.finish(x + t * a.stride("x") * 4, mean, factor, weight, bias, yt, c);
      ActivationVector.run(a.i32("activation"), yt, c, scratch.address());
    }
  }
}
