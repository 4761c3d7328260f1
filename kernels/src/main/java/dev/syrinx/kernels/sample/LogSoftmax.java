package dev.syrinx.kernels.sample;

import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;

/** Logarithms of the probabilities of each row: what beams add up. */
public final class LogSoftmax {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("sample", "log_softmax", "y[r,c] = x[r,c] − log Σ_j exp x[r,j]")
          .params(in("x", "rows", "d"), out("y", "rows", "d"))
          .tolerance(Tolerance.reduction(1, a -> a.dim("d")))
          .cases(Shapes::rows)
          .variant(Variant.reference(a -> a.dim("rows"), LogSoftmax::reference))
          .cuda(SampleCuda.rows("log_softmax"))
          .build();

  private LogSoftmax() {}

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    MemorySegment x = a.segment("x");
    MemorySegment y = a.segment("y");
    int d = a.dim("d");
    for (int r = begin; r < end; r++) {
      row(x, r * a.stride("x"), y, r * a.stride("y"), d);
    }
  }

  /** One row of d scores at {@code from} to {@code to}; both may be the same. */
  static void row(MemorySegment x, long from, MemorySegment y, long to, int d) {
    double most = Normalised.greatest(x, from, d);
    double norm = most + Math.log(Normalised.sum(x, from, d, most));
    for (int c = 0; c < d; c++) {
      Cells.set(y, to + c, Cells.get(x, from + c) - norm);
    }
  }
}
