package dev.syrinx.kernels.activation;

import static dev.syrinx.kernels.Param.f32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Sums of two matrices with factors, fills, scalings. y may be x or z. A factor of 0 drops its term, even where the term is not finite. */
public final class Elementwise {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("activation", "elementwise", "y[t,c] = a · x[t,c] + b · z[t,c] + c; a factor of 0 drops its term")
          .params(in("x", "t", "c").orHalf(), in("z", "t", "c").orAbsent().orHalf(), out("y", "t", "c").orHalf(), f32("a"), f32("b"), f32("c"))
          .inPlace("x", "z")
          .cost(a -> new Cost((a.has("z") ? 12.0 : 8.0) * a.dim("t") * a.dim("c"), 4.0 * a.dim("t") * a.dim("c")))
          .tolerance(Tolerance.elementwise(1))
          .require(Elementwise::check)
          .cases(Elementwise::cases)
          .variant(Variant.reference(Columns::units, Elementwise::reference))
          .variant(Variant.vector(Columns::units, (a, begin, end, scratch) -> ElementwiseVector.run(a, begin, end, scratch)))
          .cudaHalf(CudaVariant.of("activation/elementwise", (a, gpu) -> Launch.overQuads(entry(a), a.dim("t"), a.dim("c"), gpu)).onlyIf(Elementwise::alike).beginningEarly())
          .build();

  private Elementwise() {}

  private static String entry(Arguments a) {
    return a.half("y") ? "elementwise_half" : "elementwise";
  }

  /** Whether all buffers have one type. */
  private static boolean alike(Arguments a) {
    return a.half("x") == a.half("y") && (!a.has("z") || a.half("z") == a.half("y"));
  }

  private static void check(Arguments a) {
    if (a.f32("b") != 0 && !a.has("z")) {
      throw new KernelArgumentException("elementwise", "z", "is missing, but its factor b is " + a.f32("b"));
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int columns = a.dim("c");
    int parts = Columns.parts(columns);
    for (int unit = begin; unit < end; unit++) {
      int first = unit % parts * Columns.SPAN;
      row(a, unit / parts, first, Math.min(columns, first + Columns.SPAN));
    }
  }

  private static void row(Arguments a, int t, int from, int to) {
    for (int c = from; c < to; c++) {
      double sum = a.f32("c");
      sum += a.f32("b") != 0 ? (double) a.f32("b") * a.real("z", t * a.stride("z") + c) : 0;
      sum += a.f32("a") != 0 ? (double) a.f32("a") * a.real("x", t * a.stride("x") + c) : 0;
      a.setReal("y", t * a.stride("y") + c, sum);
    }
  }

  private static void cases(List<Case> list) {
    list.add(shape(Case.test("one"), 1, 1, 0.5f, 2f, 0.25f));
    list.add(shape(Case.test("sum"), 5, 33, 1f, 1f, 0f));
    list.add(shape(Case.test("blend"), 3, 130, 0.7f, -1.25f, 0f));
    list.add(shape(Case.test("drop x"), 3, 17, 0f, 1f, 1f));
    list.add(shape(Case.test("drop z"), 3, 48, 3f, 0f, 1f));
    list.add(shape(Case.test("fill"), 1, 16411, 0f, 0f, -1.5f).without("z"));
    list.add(shape(Case.test("scale"), 4, 31, 0.1f, 0f, 0f).without("z"));
    list.add(shape(Case.test("halves"), 4, 31, 0.1f, 2f, 0f).halves("x", "y", "z"));
    list.add(shape(Case.test("halves"), 3, 64, 0.5f, 0f, 1f).without("z").halves("x", "y"));
    list.add(shape(Case.test("empty"), 0, 31, 1f, 1f, 0f));
    list.add(shape(Case.model("residual"), 1291, 512, 1f, 1f, 0f));
    list.add(shape(Case.model("fill"), 1, 660992, 0f, 0f, 0f).without("z"));
  }

  private static Case shape(Case c, int t, int columns, float x, float z, float constant) {
    return c.dim("t", t).dim("c", columns).with("a", x).with("b", z).with("c", constant);
  }
}
