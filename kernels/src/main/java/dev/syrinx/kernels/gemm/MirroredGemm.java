package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
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
import dev.syrinx.kernels.conv.PadMode;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A product added to a residual, written between margins that mirror it, for the convolution behind it: {@link Gemm}, then
 * {@link dev.syrinx.kernels.conv.PadRows}. Rows of x follow each other over all batches; those of y have a margin at both ends of each.
 */
public final class MirroredGemm {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named(
              "gemm", "mirrored_gemm",
              "y[b, margin + t, n] = residual[b, margin + t, n] + Σ x[b,t,k]·w[n,k] + bias[n], and its mirrored rows in the margins of each batch")
          .params(
              in("x", "rows", "k").orHalf(), weight("w", "n", "k"), in("bias", "n").orAbsent(), in("residual", "padded", "n").orHalf().orAbsent(),
              out("y", "padded", "n").orHalf(), i32("batch"), i32("margin"))
          .dtypes(DType.F32, DType.F16)
          .cost(MirroredGemm::cost)
          .tolerance(Tolerance.reduction(1, a -> a.dim("k")))
          .require(MirroredGemm::check)
          .cases(MirroredGemm::cases)
          .variant(Variant.reference(a -> a.dim("padded"), MirroredGemm::reference))
          .cudaHalf(MirroredGemmCuda.variant())
          .build();

  private MirroredGemm() {}

  private static Cost cost(Arguments a) {
    double outputs = (double) a.dim("rows") * a.dim("n");
    double inputs = (double) a.dtype("x").bytes() * a.dim("rows") * a.dim("k") + (double) a.dtype("w").bytes() * a.dim("n") * a.dim("k");
    double written = (double) a.dtype("y").bytes() * a.dim("padded") * a.dim("n") * (a.has("residual") ? 2 : 1);
    return new Cost(inputs + written, 2 * outputs * a.dim("k"));
  }

  private static void check(Arguments a) {
    int batch = a.i32("batch");
    int margin = a.i32("margin");
    if (batch < 1 || a.dim("rows") % batch != 0) {
      throw new KernelArgumentException("mirrored_gemm", "batch", "is " + batch + ", which does not divide " + a.dim("rows") + " rows");
    }
    int rows = a.dim("rows") / batch;
    if (margin < 0 || margin > Math.max(0, rows - 1)) {
      throw new KernelArgumentException("mirrored_gemm", "margin", "is " + margin + ", which cannot mirror " + rows + " rows");
    }
    if (a.dim("padded") != batch * (rows + 2L * margin)) {
      throw new KernelArgumentException("mirrored_gemm", "y", "has " + a.dim("padded") + " rows, not " + batch + " times " + rows + " and two margins of " + margin);
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int rows = a.dim("rows") / a.i32("batch");
    int margin = a.i32("margin");
    for (int r = begin; r < end; r++) {
      int batch = r / (rows + 2 * margin);
      int t = PadMode.REFLECT.source(r % (rows + 2 * margin) - margin, rows);
      for (int n = 0; n < a.dim("n"); n++) {
        double added = a.has("residual") ? a.real("residual", (batch * (rows + 2L * margin) + margin + t) * a.stride("residual") + n) : 0;
        a.setReal("y", r * a.stride("y") + n, added + sum(a, (long) batch * rows + t, n));
      }
    }
  }

  private static double sum(Arguments a, long row, int n) {
    double sum = a.has("bias") ? Cells.get(a.segment("bias"), n) : 0;
    for (int k = 0; k < a.dim("k"); k++) {
      sum += (double) Cells.get(a.segment("x"), a.dtype("x"), row * a.stride("x") + k) * Gemm.element(a.segment("w"), a.dtype("w"), n * a.stride("w") + k);
    }
    return sum;
  }

  private static void cases(List<Case> list) {
    list.add(shape(Case.test("floats"), 2, 5, 2, 12, 9));
    list.add(shape(Case.test("bare"), 1, 4, 3, 8, 20).without("bias", "residual"));
    list.add(shape(Case.test("no margin"), 3, 2, 0, 8, 8));
    list.add(shape(Case.test("no rows"), 1, 0, 0, 8, 8));
    list.add(shape(Case.test("halves"), 2, 35, 4, 72, 132).halves("x", "residual", "y"));
    list.add(shape(Case.test("halves, few rows"), 2, 4, 3, 40, 36).without("bias").halves("x", "residual", "y"));
    list.add(shape(Case.test("halves without a residual"), 1, 60, 5, 64, 8).without("residual").halves("x", "y"));
    list.add(shape(Case.test("halves of no fours"), 2, 5, 1, 24, 21).halves("x", "residual", "y"));
    list.add(shape(Case.model("wavenet's input"), 2, 877, 2, 592, 512).without("residual").halves("x", "y"));
    list.add(shape(Case.model("wavenet"), 2, 877, 2, 512, 512).halves("x", "residual", "y"));
    for (int rows : new int[] {1200, 1740}) { // a tile size each
      list.add(shape(Case.model("longer speech"), 2, rows, 2, 512, 512).halves("x", "residual", "y"));
    }
  }

  private static Case shape(Case c, int batch, int rows, int margin, int k, int n) {
    return c.dim("rows", batch * rows).dim("padded", batch * (rows + 2 * margin)).dim("k", k).dim("n", n).with("batch", batch).with("margin", margin);
  }
}
