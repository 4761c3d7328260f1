package dev.syrinx.kernels.norm;

import static dev.syrinx.kernels.Param.f32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Rows scaled to unit length: cosine similarity, and the perceiver's norm with scale = sqrt(c). */
public final class L2Norm {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("norm", "l2_norm", "y[t,c] = x[t,c] / max(‖x[t]‖, eps) · scale · weight[c]")
          .params(in("x", "t", "c"), in("weight", "c").orAbsent(), out("y", "t", "c"), f32("scale"), f32("eps"))
          .inPlace("x")
          .cost(a -> new Cost(8.0 * a.dim("t") * a.dim("c"), 4.0 * a.dim("t") * a.dim("c")))
          .tolerance(Tolerance.reduction(1, a -> a.dim("c")))
          .cases(L2Norm::cases)
          .variant(Variant.reference(a -> a.dim("t"), L2Norm::reference))
          .variant(Variant.vector(a -> a.dim("t"), (a, begin, end, scratch) -> L2NormVector.run(a, begin, end, scratch)))
          .cuda(CudaVariant.of("norm/l2_norm", (a, gpu) -> NormPlan.rows("l2_norm", a, gpu)))
          .build();

  private L2Norm() {}

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int c = a.dim("c");
    for (int t = begin; t < end; t++) {
      double squares = 0;
      for (int i = 0; i < c; i++) {
        squares += at(a, t, i) * at(a, t, i);
      }
      double factor = a.f32("scale") / Math.max(Math.sqrt(squares), a.f32("eps"));
      for (int i = 0; i < c; i++) {
        double weight = a.has("weight") ? Cells.get(a.segment("weight"), i) : 1;
        Cells.set(a.segment("y"), t * a.stride("y") + i, at(a, t, i) * factor * weight);
      }
    }
  }

  private static double at(Arguments a, int t, int i) {
    return Cells.get(a.segment("x"), t * a.stride("x") + i);
  }

  private static void cases(List<Case> list) {
    int[][] shapes = {{1, 1}, {5, 8}, {3, 17}, {2, 64}, {7, 130}, {2, 1025}, {0, 8}};
    for (int[] s : shapes) {
      list.add(shape(Case.test("rows"), s[0], s[1], (float) Math.sqrt(s[1]), 1e-12f));
    }
    list.add(shape(Case.test("bare"), 3, 33, 1f, 1e-12f).without("weight"));
    list.add(shape(Case.test("short rows"), 3, 33, 1f, 100f));
    list.add(shape(Case.model("perceiver"), 32, 1280, (float) Math.sqrt(1280), 1e-12f));
    list.add(shape(Case.model("codebook"), 8192, 8, 1f, 1e-12f).without("weight"));
  }

  private static Case shape(Case c, int t, int columns, float scale, float eps) {
    return NormCases.shape(c, t, columns, eps).with("scale", scale);
  }
}
