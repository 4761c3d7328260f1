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
import dev.syrinx.kernels.norm.RmsNorm;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A product added to a residual whose rows are normed in one pass: {@link KeptGemm}, then {@link RmsNorm}. */
public final class NormedGemm {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named(
              "gemm", "normed_gemm",
              "y[r,n] = residual[r,n] + alpha·(Σ x[r,k]·w[n,k] + bias[n]), z[r,n] = part·y[r,n], "
                  + "v[r,n] = y[r,n] / sqrt(mean(y[r]²) + eps) · gain[n] + shift[n]")
          .params(
              in("x", "rows", "k").orHalf(), weight("w", "n", "k"), in("bias", "n").orAbsent(), in("residual", "rows", "n").orAbsent(), in("gain", "n"),
              in("shift", "n"), out("y", "rows", "n"), out("z", "rows", "n").orHalf().orAbsent(), out("v", "rows", "n").orHalf(), f32("alpha"), f32("part"),
              f32("eps"))
          .dtypes(DType.F32, DType.F16)
          .cost(NormedGemm::cost)
          .tolerance(Tolerance.reduction(1, a -> a.dim("k") + a.dim("n")))
          .cases(NormedGemm::cases)
          .variant(Variant.reference(a -> a.dim("rows"), NormedGemm::reference))
          .cudaHalf(NormedGemmCuda.variant())
          .build();

  private NormedGemm() {}

  private static Cost cost(Arguments a) {
    double outputs = (double) a.dim("rows") * a.dim("n");
    double inputs = (double) a.dtype("x").bytes() * a.dim("rows") * a.dim("k") + (double) a.dtype("w").bytes() * a.dim("n") * a.dim("k");
    double written = 4 + a.dtype("v").bytes() + (a.has("z") ? a.dtype("z").bytes() : 0) + (a.has("residual") ? 4 : 0);
    return new Cost(inputs + outputs * written, outputs * (2 * a.dim("k") + 5));
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int columns = a.dim("n");
    for (int r = begin; r < end; r++) {
      double squares = 0;
      for (int n = 0; n < columns; n++) {
        double sum = sum(a, r, n);
        squares += sum * sum;
        a.setReal("y", r * a.stride("y") + n, sum);
        if (a.has("z")) {
          a.setReal("z", r * a.stride("z") + n, a.f32("part") * sum);
        }
      }
      double factor = 1 / Math.sqrt(squares / columns + a.f32("eps"));
      for (int n = 0; n < columns; n++) {
        double y = Cells.get(a.segment("y"), r * a.stride("y") + n);
        a.setReal("v", r * a.stride("v") + n, y * factor * Cells.get(a.segment("gain"), n) + Cells.get(a.segment("shift"), n));
      }
    }
  }

  private static double sum(Arguments a, int r, int n) {
    double sum = a.has("bias") ? Cells.get(a.segment("bias"), n) : 0;
    for (int k = 0; k < a.dim("k"); k++) {
      sum += (double) Cells.get(a.segment("x"), a.dtype("x"), r * a.stride("x") + k) * Gemm.element(a.segment("w"), a.dtype("w"), n * a.stride("w") + k);
    }
    return (a.has("residual") ? a.real("residual", r * a.stride("residual") + n) : 0) + a.f32("alpha") * sum;
  }

  private static void cases(List<Case> list) {
    list.add(shape(Case.test("floats"), 5, 12, 9));
    list.add(shape(Case.test("bare"), 3, 8, 20).without("bias", "residual", "z"));
    list.add(shape(Case.test("no rows"), 0, 8, 8));
    list.add(shape(Case.test("halves"), 70, 72, 132).halves("x", "z", "v"));
    list.add(shape(Case.test("halves of four tiles"), 66, 136, 500).without("bias").halves("x", "z", "v"));
    list.add(shape(Case.test("halves without a residual"), 9, 64, 512).without("residual", "z").halves("x", "v"));
    list.add(shape(Case.test("halves of no fours"), 5, 24, 21).halves("x", "z", "v"));
    list.add(shape(Case.model("attention's output"), 2582, 512, 512).without("bias", "z").halves("x", "v"));
    list.add(shape(Case.model("feed forward"), 2582, 1536, 512).without("bias").halves("x", "z", "v"));
    list.add(shape(Case.model("skip"), 2582, 1024, 512).without("residual", "z").halves("x", "v"));
    for (int rows : new int[] {3000, 3444, 4306}) {
      list.add(shape(Case.model("longer references"), rows, 512, 512).without("bias", "z").halves("x", "v"));
    }
  }

  private static Case shape(Case c, int rows, int k, int n) {
    return c.dim("rows", rows).dim("k", k).dim("n", n).with("alpha", 1.5f).with("part", 0.0625f).with("eps", 1e-5f);
  }
}
