package dev.syrinx.kernels.signal;

import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.outIndices;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Where each row is largest: the first on a tie. NaN counts as smallest, so a row of nothing else gives 0. */
public final class ArgmaxRows {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("signal", "argmax_rows", "y[r] = argmax_c x[r,c], the first on a tie, NaN counts as smallest")
          .params(in("x", "rows", "d"), outIndices("y", "rows"))
          .cost(a -> new Cost(4.0 * a.dim("rows") * a.dim("d"), 1.0 * a.dim("rows") * a.dim("d")))
          .tolerance(Tolerance.exact())
          .cases(ArgmaxRows::cases)
          .variant(Variant.reference(a -> a.dim("rows"), ArgmaxRows::reference))
          .variant(Variant.vector(a -> a.dim("rows"), (a, begin, end, scratch) -> ArgmaxRowsVector.run(a, begin, end, scratch)))
          .cuda(
              CudaVariant.of(
                  "signal/argmax_rows",
                  (a, gpu) -> a.dim("rows") == 0 ? List.of() : List.of(Launch.row("argmax_rows", a.dim("rows"), 256))))
          .build();

  private ArgmaxRows() {}

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    MemorySegment x = a.segment("x");
    for (int r = begin; r < end; r++) {
      long row = r * a.stride("x");
      int best = 0;
      float most = Cells.get(x, row);
      for (int c = 1; c < a.dim("d"); c++) {
        float value = Cells.get(x, row + c);
        if (value > most || (Float.isNaN(most) && !Float.isNaN(value))) {
          best = c;
          most = value;
        }
      }
      Cells.setInt(a.segment("y"), r, best);
    }
  }

  private static void cases(List<Case> list) {
    int[][] shapes = {{1, 1}, {3, 17}, {5, 64}, {4, 130}, {0, 3}};
    for (int[] s : shapes) {
      list.add(Case.test("rows").dim("rows", s[0]).dim("d", s[1]));
    }
    list.add(Case.model("greedy").dim("rows", 1).dim("d", 8194));
    list.add(Case.model("codebook").dim("rows", 749).dim("d", 8192));
  }
}
