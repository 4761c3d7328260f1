package dev.syrinx.kernels.embed;

import static dev.syrinx.kernels.Param.distinctIndices;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.inout;

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

/** Rows into given slots of a larger matrix: the append to the key and value cache. Copies whole rows: the reference is the fast body. The target may have halves. */
public final class ScatterRows {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("embed", "scatter_rows", "target[slots[r], c] = x[r,c]; slots are distinct, a negative one drops its row")
          .params(in("x", "rows", "d"), distinctIndices("slots", "entries", "rows"), inout("target", "entries", "d").orHalf())
          .cost(a -> new Cost(8.0 * a.dim("rows") * a.dim("d"), 0))
          .tolerance(Tolerance.exact())
          .cases(ScatterRows::cases)
          .variant(Variant.reference(a -> a.dim("rows"), ScatterRows::reference))
          .cudaHalf(CudaVariant.of("embed/scatter_rows", (a, gpu) -> Launch.overQuads(a.halves() ? "scatter_rows_half" : "scatter_rows", a.dim("rows"), a.dim("d"), gpu)))
          .build();

  private ScatterRows() {}

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    long bytes = a.dim("d") * 4L;
    for (int r = begin; r < end; r++) {
      if (Cells.getInt(a.segment("slots"), r) < 0) {
        continue;
      }
      long row = Cells.index(a, "slots", r, a.dim("entries")) * a.stride("target");
      if (a.half("target")) {
        narrowed(a, r, row);
      } else {
        MemorySegment.copy(a.segment("x"), r * a.stride("x") * 4, a.segment("target"), row * 4, bytes);
      }
    }
  }

  private static void narrowed(Arguments a, int r, long row) {
    for (int c = 0; c < a.dim("d"); c++) {
      a.setReal("target", row + c, a.real("x", r * a.stride("x") + c));
    }
  }

  private static void cases(List<Case> list) {
    list.add(shape(Case.test("one"), 1, 1, 1));
    list.add(shape(Case.test("some"), 9, 4, 17));
    list.add(shape(Case.test("all"), 8, 8, 33));
    list.add(shape(Case.test("none"), 8, 0, 33));
    list.add(shape(Case.test("to halves"), 9, 4, 17).halves("target"));
    list.add(shape(Case.test("to halves"), 8, 5, 64).halves("target"));
    list.add(shape(Case.model("cache"), 2048, 3, 1280));
    list.add(shape(Case.model("cache of halves"), 2048, 3, 1280).halves("target"));
  }

  private static Case shape(Case c, int entries, int rows, int d) {
    return c.dim("entries", entries).dim("rows", rows).dim("d", d);
  }
}
