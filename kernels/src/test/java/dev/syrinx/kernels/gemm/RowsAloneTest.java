package dev.syrinx.kernels.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.CaseInputs;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Lanes;
import dev.syrinx.kernels.Variant;
import dev.syrinx.kernels.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A sequence must say the same alone and in a batch: a row of a product gives the same bytes however many rows there are. */
class RowsAloneTest {
  @ParameterizedTest
  @EnumSource(value = DType.class, names = {"F32", "F16", "BF16", "I8"})
  void aRowGivesTheSameBytesAloneAndAmongOthers(DType dtype) {
    assumeTrue(Lanes.available(), "no vectors, no second body");
    Variant vector = Gemm.SPEC.vector().orElseThrow();
    int[][] shapes = {{2, 64, 33}, {7, 200, 130}, {24, 131, 257}};
    for (int[] shape : shapes) {
      int rows = shape[0];
      int n = shape[1];
      int k = shape[2];
      try (Arena arena = Arena.ofConfined()) {
        Case many = Case.test("rows").dim("n", n).dim("k", k).dim("x_extent", rows * k).dim("y_extent", rows * n).without("residual")
            .with("batch", 1).with("rows", rows).with("taps", 1).with("x_row", k).with("x_tap", k).with("x_batch", 0).with("y_row", n).with("y_batch", 0)
            .with("activation", 4).with("alpha", 1f);
        Arguments all = CaseInputs.of(Gemm.SPEC, many, dtype, vector, arena);
        run(vector, all, arena);
        for (int r = 0; r < rows; r++) {
          Arguments one = all.copy();
          MemorySegment y = arena.allocate(n * 4L, 64);
          one.set("x", View.of(all.segment("x").asSlice(r * k * 4L, k * 4L), DType.F32, k)).set("y", View.of(y, DType.F32, n)).set("rows", 1);
          run(vector, one.checked(), arena);
          int row = r;
          assertEquals(-1, all.segment("y").asSlice(r * n * 4L, n * 4L).mismatch(y), () -> "row " + row + " of " + rows + "x" + n + "x" + k);
        }
      }
    }
  }

  private static void run(Variant variant, Arguments a, Arena arena) {
    variant.body().run(a, 0, variant.units().applyAsInt(a), arena.allocate(variant.scratch().applyAsLong(a), 64));
  }
}
