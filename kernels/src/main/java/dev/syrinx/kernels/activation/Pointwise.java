package dev.syrinx.kernels.activation;

import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

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

/** An activation after a per-column scale and shift: a folded batch normalisation, a layer scale, a bias, or a copy. y may be x. */
public final class Pointwise {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("activation", "pointwise", "y[t,c] = act(x[t,c] · scale[c] + shift[c])")
          .params(in("x", "t", "c").orHalf(), in("scale", "c").orAbsent(), in("shift", "c").orAbsent(), out("y", "t", "c").orHalf(), i32("activation"))
          .inPlace("x")
          .cost(a -> new Cost(8.0 * a.dim("t") * a.dim("c"), 2.0 * a.dim("t") * a.dim("c")))
          // Twice: GELU and Mish multiply the rounding of their inner function.
          .tolerance(Tolerance.elementwise(2))
          .cases(Pointwise::cases)
          .variant(Variant.reference(Columns::units, Pointwise::reference))
          .variant(Variant.vector(Columns::units, (a, begin, end, scratch) -> PointwiseVector.run(a, begin, end, scratch))
              .withScratch(a -> 64))
          .cudaHalf(CudaVariant.of("activation/pointwise", (a, gpu) -> Launch.overQuads(entry(a), a.dim("t"), a.dim("c"), gpu)).beginningEarly())
          .build();

  private Pointwise() {}

  private static String entry(Arguments a) {
    return a.halves() ? "pointwise_" + (a.half("x") ? "half" : "float") + (a.half("y") ? "_half" : "_float") : "pointwise";
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
    Activation activation = Activation.of(a.i32("activation"));
    for (int c = from; c < to; c++) {
      double v = a.real("x", t * a.stride("x") + c);
      v *= a.has("scale") ? Cells.get(a.segment("scale"), c) : 1;
      v += a.has("shift") ? Cells.get(a.segment("shift"), c) : 0;
      a.setReal("y", t * a.stride("y") + c, activation.apply(v));
    }
  }

  private static void cases(List<Case> list) {
    int[][] shapes = {{1, 1}, {3, 17}, {5, 33}, {2, 64}, {7, 130}, {1, 16400}, {4, 16}, {0, 8}};
    for (Activation activation : Activation.values()) {
      int[] s = shapes[activation.id()];
      list.add(shape(Case.test("affine"), s[0], s[1]).with("activation", activation.id()));
    }
    for (Activation activation : Activation.values()) {
      list.add(shape(Case.test("bare"), 3, 37).with("activation", activation.id()).without("scale", "shift"));
    }
    list.add(shape(Case.test("scaled"), 3, 19).with("activation", 1).without("shift"));
    list.add(shape(Case.test("from halves"), 5, 33).with("activation", Activation.SILU.id()).halves("x"));
    list.add(shape(Case.test("to halves"), 5, 64).with("activation", 0).without("scale", "shift").halves("y"));
    list.add(shape(Case.test("to halves"), 3, 37).with("activation", Activation.MISH.id()).halves("y"));
    list.add(shape(Case.test("halves"), 4, 48).with("activation", Activation.SILU.id()).halves("x", "y"));
    list.add(shape(Case.model("mish"), 1291, 512).with("activation", Activation.MISH.id()).without("scale", "shift"));
    list.add(shape(Case.model("copy"), 1291, 512).with("activation", 0).without("scale", "shift"));
  }

  private static Case shape(Case c, int t, int columns) {
    return c.dim("t", t).dim("c", columns);
  }
}
