package dev.syrinx.kernels.sample;

import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;

/** Probabilities of each row. Filtered entries (−∞) have probability 0, as have those too small for a float. */
public final class Softmax {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("sample", "softmax", "y[r,c] = exp x[r,c] / Σ_j exp x[r,j]")
          .params(in("x", "rows", "d"), out("y", "rows", "d"))
          .tolerance(Tolerance.reduction(1, a -> a.dim("d")))
          .cases(Shapes::rows)
          .variant(Variant.reference(a -> a.dim("rows"), Softmax::reference))
          .cuda(SampleCuda.rows("softmax"))
          .build();

  private Softmax() {}

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    MemorySegment x = a.segment("x");
    MemorySegment y = a.segment("y");
    int d = a.dim("d");
    for (int r = begin; r < end; r++) {
      long from = r * a.stride("x");
      long to = r * a.stride("y");
      double most = Normalised.greatest(x, from, d);
      double sum = Normalised.sum(x, from, d, most);
      for (int c = 0; c < d; c++) {
        float value = Cells.get(x, from + c);
        Cells.set(y, to + c, value == Float.NEGATIVE_INFINITY ? 0 : Math.exp(value - most) / sum);
      }
    }
  }
}
