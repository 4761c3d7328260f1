package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Param.f32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;
import static dev.syrinx.kernels.Param.weight;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A product added to a residual whose sum is kept twice: {@link Gemm}, and in z a part of every number, in the type in which a later product reads it best. */
public final class KeptGemm {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("gemm", "kept_gemm", "y[r,n] = residual[r,n] + alpha·Σ x[r,k]·w[n,k], z[r,n] = part·y[r,n]")
          .params(
              in("x", "rows", "k").orHalf(), weight("w", "n", "k"), in("residual", "rows", "n"), out("y", "rows", "n").orAbsent(), out("z", "rows", "n").orHalf(), f32("alpha"),
              f32("part"))
          .dtypes(DType.F32, DType.F16)
          .cost(KeptGemm::cost)
          .tolerance(Tolerance.reduction(1, a -> a.dim("k")))
          .cases(KeptGemm::cases)
          .variant(Variant.reference(a -> a.dim("rows"), KeptGemm::reference))
          .cudaHalf(KeptGemmCuda.variant())
          .build();

  private KeptGemm() {}

  private static Cost cost(Arguments a) {
    double outputs = (double) a.dim("rows") * a.dim("n");
    double inputs = (double) a.dtype("x").bytes() * a.dim("rows") * a.dim("k") + (double) a.dtype("w").bytes() * a.dim("n") * a.dim("k");
    return new Cost(inputs + outputs * ((a.has("y") ? 8 : 4) + a.dtype("z").bytes()), 2 * outputs * a.dim("k"));
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    for (int r = begin; r < end; r++) {
      for (int n = 0; n < a.dim("n"); n++) {
        double sum = 0;
        for (int k = 0; k < a.dim("k"); k++) {
          sum += (double) Cells.get(a.segment("x"), a.dtype("x"), r * a.stride("x") + k) * Gemm.element(a.segment("w"), a.dtype("w"), n * a.stride("w") + k);
        }
        double kept = a.real("residual", r * a.stride("residual") + n) + a.f32("alpha") * sum;
        if (a.has("y")) {
          a.setReal("y", r * a.stride("y") + n, kept);
        }
        a.setReal("z", r * a.stride("z") + n, a.f32("part") * kept);
      }
    }
  }

  private static void cases(List<Case> list) {
    list.add(shape(Case.test("floats"), 5, 12, 9));
    list.add(shape(Case.test("no rows"), 0, 8, 8));
    list.add(shape(Case.test("halves"), 140, 72, 132).halves("x", "z"));
    list.add(shape(Case.test("halves alone"), 66, 72, 132).without("y").halves("x", "z"));
    list.add(shape(Case.test("halves of no fours"), 5, 24, 21).halves("x", "z"));
    list.add(shape(Case.model("feed forward"), 2582, 1536, 512).halves("x", "z"));
    list.add(shape(Case.model("a longer reference"), 3444, 1536, 512).without("y").halves("x", "z"));
  }

  private static Case shape(Case c, int rows, int k, int n) {
    return c.dim("rows", rows).dim("k", k).dim("n", n).with("alpha", 1.5f).with("part", 0.0625f);
  }
}
