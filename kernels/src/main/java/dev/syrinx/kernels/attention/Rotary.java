package dev.syrinx.kernels.attention;

import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.indices;
import static dev.syrinx.kernels.Param.inout;

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

/**
 * Rotary position embedding (Su et al. 2021) in place. With angle row {@code p = positions[r]} a pair (a, b) becomes (a·cos − b·sin, b·cos
 * + a·sin). Pairs of a head of width d are (2i, 2i+1) if interleaved, else (i, i + d/2).
 */
public final class Rotary {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("attention", "rotary",
              "(a, b) ← (a·cos[p,i] − b·sin[p,i], b·cos[p,i] + a·sin[p,i]), p = positions[r], pairs i of each head")
          .params(
              inout("x", "rows", "width").orHalf(), indices("positions", "entries", "rows"), in("cos", "entries", "half"),
              in("sin", "entries", "half"), i32("heads"),
              i32("interleaved"))
          .cost(a -> new Cost(8.0 * a.dim("rows") * a.dim("width"), 3.0 * a.dim("rows") * a.dim("width")))
          .tolerance(Tolerance.reduction(1, a -> 2))
          .require(Rotary::check)
          .cases(Rotary::cases)
          .variant(Variant.reference(a -> a.dim("rows"), Rotary::reference))
          .variant(
              Variant.vector(a -> a.dim("rows"), (a, begin, end, scratch) -> RotaryVector.run(a, begin, end, scratch))
                  .withScratch(a -> RotaryVector.scratchBytes(a)))
          .cudaHalf(CudaVariant.of("attention/rotary", (a, gpu) -> Launch.overQuads(a.halves() ? "rotary_half" : "rotary", a.dim("rows"), a.dim("width"), gpu)).beginningEarly())
          .build();

  private Rotary() {}

  private static void check(Arguments a) {
    if (a.i32("heads") < 1 || a.dim("width") != 2L * a.dim("half") * a.i32("heads")) {
      throw new KernelArgumentException(
          "rotary", "x",
          "has " + a.dim("width") + " columns; " + a.i32("heads") + " heads of " + a.dim("half") + " pairs need another number");
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int half = a.dim("half");
    boolean interleaved = a.i32("interleaved") != 0;
    for (int r = begin; r < end; r++) {
      long angle = Cells.index(a, "positions", r, a.dim("entries"));
      for (int pair = 0; pair < a.i32("heads") * half; pair++) {
        int i = pair % half;
        long first = r * a.stride("x") + pair / half * 2L * half + (interleaved ? 2 * i : i);
        double cos = Cells.get(a.segment("cos"), angle * a.stride("cos") + i);
        double sin = Cells.get(a.segment("sin"), angle * a.stride("sin") + i);
        rotate(a, first, first + (interleaved ? 1 : half), cos, sin);
      }
    }
  }

  private static void rotate(Arguments call, long first, long second, double cos, double sin) {
    double a = call.real("x", first);
    double b = call.real("x", second);
    call.setReal("x", first, a * cos - b * sin);
    call.setReal("x", second, b * cos + a * sin);
  }

  private static void cases(List<Case> list) {
    int[][] shapes = {{1, 1, 1}, {5, 2, 32}, {3, 3, 17}, {4, 1, 8}, {2, 2, 5}, {0, 1, 4}};
    for (int[] s : shapes) {
      list.add(shape(Case.test("pairs"), s[0], s[1], s[2], 1));
      list.add(shape(Case.test("halves"), s[0], s[1], s[2], 0));
    }
    list.add(shape(Case.test("in half precision"), 5, 2, 32, 1).halves("x"));
    list.add(shape(Case.test("in half precision"), 3, 3, 17, 0).halves("x"));
    list.add(shape(Case.test("in half precision"), 3, 2, 16, 0).halves("x"));
    list.add(shape(Case.model("flow halves"), 2582, 16, 32, 1).halves("x"));
    list.add(shape(Case.model("flow"), 1291, 8, 32, 1));
    list.add(shape(Case.model("emotion text"), 300, 16, 64, 0));
  }

  private static Case shape(Case c, int rows, int heads, int half, int interleaved) {
    return c.dim("rows", rows)
        .dim("width", 2 * half * heads).dim("entries", rows + 7).dim("half", half).with("heads", heads).with("interleaved", interleaved);
  }
}
