package dev.syrinx.kernels.sample;

import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;

/** One number added to each row: the score of a beam to the scores of its continuations. −∞ stays −∞. */
public final class AddToRows {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("sample", "add_to_rows", "y[r,c] = x[r,c] + add[r]")
          .params(in("x", "rows", "d"), in("add", "rows"), out("y", "rows", "d"))
          .tolerance(Tolerance.exact())
          .cases(Shapes::rows)
          .variant(Variant.reference(a -> a.dim("rows"), AddToRows::reference))
          .cuda(SampleCuda.elements("add_to_rows"))
          .build();

  private AddToRows() {}

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    MemorySegment x = a.segment("x");
    MemorySegment y = a.segment("y");
    int d = a.dim("d");
    for (int r = begin; r < end; r++) {
      float add = Cells.get(a.segment("add"), r);
      long from = r * a.stride("x");
      long to = r * a.stride("y");
      for (int c = 0; c < d; c++) {
        Cells.set(y, to + c, Cells.get(x, from + c) + add);
      }
    }
  }
}
