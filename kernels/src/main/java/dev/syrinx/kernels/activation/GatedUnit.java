package dev.syrinx.kernels.activation;

import static dev.syrinx.kernels.Param.i32;
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

/** Gated units over the halves of each row: see {@link Gate}. */
public final class GatedUnit {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("activation", "gated_unit", "y[t,c] = gate(x[t,c] + shift[c], x[t,d+c] + shift[d+c])")
          .params(in("x", "t", "2d").orHalf(), in("shift", "2d").orAbsent(), out("y", "t", "d").orHalf(), i32("gate"))
          .cost(a -> new Cost(12.0 * a.dim("t") * a.dim("d"), 20.0 * a.dim("t") * a.dim("d")))
          // Twice: the product of two functions carries both roundings.
          .tolerance(Tolerance.elementwise(2))
          .require(GatedUnit::check)
          .cases(GatedUnit::cases)
          .variant(Variant.reference(a -> a.dim("t"), GatedUnit::reference))
          .variant(Variant.vector(a -> a.dim("t"), (a, begin, end, scratch) -> GatedUnitVector.run(a, begin, end, scratch))
              .withScratch(a -> 5 * 64))
          .cudaHalf(CudaVariant.of("activation/gated_unit", (a, gpu) -> Launch.overQuads(entry(a), a.dim("t"), a.dim("d"), gpu)).onlyIf(a -> a.half("x") == a.half("y")))
          .build();

  private GatedUnit() {}

  private static String entry(Arguments a) {
    return a.half("y") ? "gated_unit_half" : "gated_unit";
  }

  private static void check(Arguments a) {
    if (a.dim("2d") != 2 * a.dim("d")) {
      throw new KernelArgumentException(
          "gated_unit", "x", "has " + a.dim("2d") + " columns, y has " + a.dim("d") + "; it must be twice as many");
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    Gate gate = Gate.of(a.i32("gate"));
    int d = a.dim("d");
    for (int t = begin; t < end; t++) {
      for (int c = 0; c < d; c++) {
        a.setReal("y", t * a.stride("y") + c, gate.apply(input(a, t, c), input(a, t, d + c)));
      }
    }
  }

  private static double input(Arguments a, int t, int c) {
    return (double) a.real("x", t * a.stride("x") + c) + (a.has("shift") ? Cells.get(a.segment("shift"), c) : 0);
  }

  private static void cases(List<Case> list) {
    int[][] shapes = {{1, 1}, {5, 33}, {3, 64}, {7, 17}};
    for (Gate gate : Gate.values()) {
      int[] s = shapes[gate.id()];
      list.add(shape(Case.test("shifted"), s[0], s[1], gate));
      list.add(shape(Case.test("bare"), 2, 41, gate).without("shift"));
    }
    list.add(shape(Case.test("halves"), 5, 33, Gate.TANH).halves("x", "y"));
    list.add(shape(Case.test("halves"), 3, 64, Gate.SWIGLU).without("shift").halves("x", "y"));
    list.add(shape(Case.model("wavenet"), 1291, 512, Gate.TANH));
    list.add(shape(Case.model("feed forward"), 1291, 1536, Gate.SWIGLU).without("shift"));
    list.add(shape(Case.model("conformer"), 749, 1024, Gate.GLU).without("shift"));
  }

  private static Case shape(Case c, int t, int d, Gate gate) {
    return c.dim("t", t).dim("2d", 2 * d).dim("d", d).with("gate", gate.id());
  }
}
