package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.indices;
import static dev.syrinx.kernels.Param.out;
import static dev.syrinx.kernels.Param.weight;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import dev.syrinx.kernels.attention.Rotary;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A product whose first columns, heads of queries and keys, turn by their positions in one pass: {@link Gemm}, then {@link Rotary} of neighbouring pairs. */
public final class RotaryGemm {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("gemm", "rotary_gemm", "y[r,n] = Σ x[r,k]·w[n,k], whose pairs (2i, 2i+1) of the first heads turn by cos[p,i], sin[p,i], p = positions[r]")
          .params(
              in("x", "rows", "k").orHalf(), weight("w", "n", "k"), indices("positions", "entries", "rows"), in("cos", "entries", "half"), in("sin", "entries", "half"),
              out("y", "rows", "n").orHalf(), i32("heads"))
          .dtypes(DType.F32, DType.F16)
          .cost(RotaryGemm::cost)
          // Twice: an output carries the rounding of two sums.
          .tolerance(Tolerance.reduction(2, a -> a.dim("k")))
          .require(RotaryGemm::check)
          .cases(RotaryGemm::cases)
          .variant(Variant.reference(a -> a.dim("rows"), RotaryGemm::reference))
          .cudaHalf(RotaryGemmCuda.variant())
          .build();

  private RotaryGemm() {}

  private static Cost cost(Arguments a) {
    double outputs = (double) a.dim("rows") * a.dim("n");
    double inputs = (double) a.dtype("x").bytes() * a.dim("rows") * a.dim("k") + (double) a.dtype("w").bytes() * a.dim("n") * a.dim("k");
    return new Cost(inputs + outputs * a.dtype("y").bytes(), 2 * outputs * a.dim("k"));
  }

  private static void check(Arguments a) {
    long columns = 2L * a.dim("half") * a.i32("heads");
    if (a.i32("heads") < 0 || columns > a.dim("n")) {
      throw new KernelArgumentException(
          "rotary_gemm", "heads", "is " + a.i32("heads") + "; so many heads of " + a.dim("half") + " pairs do not fit y's " + a.dim("n") + " columns");
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int half = a.dim("half");
    int columns = 2 * half * a.i32("heads");
    for (int r = begin; r < end; r++) {
      long angle = Cells.index(a, "positions", r, a.dim("entries"));
      for (int n = 0; n < a.dim("n"); n++) {
        double sum = sum(a, r, n);
        if (n < columns) {
          int pair = n / 2 % half;
          double cos = Cells.get(a.segment("cos"), angle * a.stride("cos") + pair);
          double sin = Cells.get(a.segment("sin"), angle * a.stride("sin") + pair);
          sum = n % 2 == 0 ? sum * cos - sum(a, r, n + 1) * sin : sum * cos + sum(a, r, n - 1) * sin;
        }
        a.setReal("y", r * a.stride("y") + n, sum);
      }
    }
  }

  private static double sum(Arguments a, int row, int n) {
    double sum = 0;
    for (int k = 0; k < a.dim("k"); k++) {
      sum += (double) Cells.get(a.segment("x"), a.dtype("x"), row * a.stride("x") + k) * Gemm.element(a.segment("w"), a.dtype("w"), n * a.stride("w") + k);
    }
    return sum;
  }

  private static void cases(List<Case> list) {
    list.add(shape(Case.test("all columns"), 5, 12, 12, 2, 3));
    list.add(shape(Case.test("some columns"), 3, 9, 17, 2, 4));
    list.add(shape(Case.test("no columns"), 4, 8, 7, 0, 2));
    list.add(shape(Case.test("no rows"), 0, 8, 8, 1, 2));
    list.add(shape(Case.test("half heads"), 140, 72, 200, 2, 32).halves("x", "y"));
    list.add(shape(Case.test("half heads of another width"), 5, 24, 21, 2, 4).halves("x", "y"));
    list.add(shape(Case.model("queries, keys, values"), 2582, 512, 1536, 16, 32).halves("x", "y"));
    list.add(shape(Case.model("keys, values"), 2582, 512, 1024, 8, 32).halves("x", "y"));
    list.add(shape(Case.model("keys, values of few"), 600, 512, 1536, 16, 32).halves("x", "y"));
  }

  private static Case shape(Case c, int rows, int k, int n, int heads, int half) {
    return c.dim("rows", rows).dim("k", k).dim("n", n).dim("entries", rows + 3).dim("half", half).with("heads", heads);
  }
}
