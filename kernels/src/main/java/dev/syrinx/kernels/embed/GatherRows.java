package dev.syrinx.kernels.embed;

import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.indices;
import static dev.syrinx.kernels.Param.out;
import static dev.syrinx.kernels.Param.weight;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;

/** Rows of a table by index, widened to float, optionally added to other rows: embeddings and nearest-neighbour interpolation. */
public final class GatherRows {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("embed", "gather_rows", "y[r,c] = table[ids[r], c] + add[r,c]")
          .params(
              weight("table", "entries", "d"), indices("ids", "entries", "rows"), in("add", "rows", "d").orAbsent(), out("y", "rows", "d"))
          .dtypes(DType.F32, DType.F16, DType.BF16)
          .cost(GatherRows::cost)
          .tolerance(Tolerance.exact())
          .cases(GatherRows::cases)
          .variant(Variant.reference(a -> a.dim("rows"), GatherRows::reference))
          .variant(Variant.vector(a -> a.dim("rows"), (a, begin, end, scratch) -> GatherRowsVector.run(a, begin, end, scratch)))
          .cuda(CudaVariant.of("embed/gather_rows", GatherRows::launches))
          .build();

  private GatherRows() {}

  private static List<Launch> launches(Arguments a, Gpu gpu) {
    return Launch.overQuads("gather_rows_" + a.dtype("table").name().toLowerCase(Locale.ROOT), a.dim("rows"), a.dim("d"), gpu);
  }

  private static Cost cost(Arguments a) {
    double elements = (double) a.dim("rows") * a.dim("d");
    return new Cost(elements * (a.dtype("table").bytes() + 4 + (a.has("add") ? 4 : 0)), a.has("add") ? elements : 0);
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    MemorySegment table = a.segment("table");
    DType dtype = a.dtype("table");
    for (int r = begin; r < end; r++) {
      long row = Cells.index(a, "ids", r, a.dim("entries")) * a.stride("table");
      for (int c = 0; c < a.dim("d"); c++) {
        double add = a.has("add") ? Cells.get(a.segment("add"), r * a.stride("add") + c) : 0;
        Cells.set(a.segment("y"), r * a.stride("y") + c, Cells.get(table, dtype, row + c) + add);
      }
    }
  }

  private static void cases(List<Case> list) {
    int[][] shapes = {{1, 1, 1}, {7, 3, 17}, {3, 9, 64}, {50, 5, 130}, {4, 0, 8}};
    for (int[] s : shapes) {
      list.add(shape(Case.test("rows"), s[0], s[1], s[2]));
    }
    list.add(shape(Case.test("bare"), 20, 4, 33).without("add"));
    list.add(shape(Case.model("decode"), 8194, 1, 1280));
    list.add(shape(Case.model("interpolation"), 500, 860, 512).without("add"));
  }

  private static Case shape(Case c, int entries, int rows, int d) {
    return c.dim("entries", entries).dim("rows", rows).dim("d", d);
  }
}
