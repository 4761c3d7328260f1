package dev.syrinx.kernels.signal;

import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Statistics pooling over time: mean and unbiased standard deviation of each column, two passes. Units are columns. */
public final class RowStatistics {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("signal", "row_statistics", "y[0,c] = mean_t x[t,c]; y[1,c] = sqrt(Σ_t (x[t,c] − y[0,c])² / (t − 1))")
          .params(in("x", "t", "d"), out("y", "2", "d"))
          .cost(a -> new Cost(4.0 * a.dim("t") * a.dim("d"), 4.0 * a.dim("t") * a.dim("d")))
          .tolerance(Tolerance.reduction(1, a -> a.dim("t")))
          .require(RowStatistics::check)
          .cases(RowStatistics::cases)
          .variant(Variant.reference(a -> a.dim("d"), RowStatistics::reference))
          .variant(
              Variant.vector(a -> RowStatisticsVector.units(a), (a, begin, end, scratch) -> RowStatisticsVector.run(a, begin, end, scratch))
                  )
          .cuda(CudaVariant.of("signal/row_statistics", (a, gpu) -> Segments.columns("row_statistics", 1, a.dim("d"))))
          .build();

  private RowStatistics() {}

  private static void check(Arguments a) {
    if (a.dim("t") < 2) {
      throw new KernelArgumentException("row_statistics", "x", "has " + a.dim("t") + " rows; a standard deviation needs 2");
    }
    if (a.dim("2") != 2) {
      throw new KernelArgumentException("row_statistics", "y", "has " + a.dim("2") + " rows instead of 2");
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    MemorySegment x = a.segment("x");
    long stride = a.stride("x");
    int rows = a.dim("t");
    for (int c = begin; c < end; c++) {
      double mean = 0;
      for (int t = 0; t < rows; t++) {
        mean += (double) Cells.get(x, t * stride + c) / rows;
      }
      double squares = 0;
      for (int t = 0; t < rows; t++) {
        double difference = Cells.get(x, t * stride + c) - mean;
        squares += difference * difference;
      }
      Cells.set(a.segment("y"), c, mean);
      Cells.set(a.segment("y"), a.stride("y") + c, Math.sqrt(squares / (rows - 1)));
    }
  }

  private static void cases(List<Case> list) {
    int[][] shapes = {{2, 1}, {3, 17}, {50, 64}, {9, 130}};
    for (int[] s : shapes) {
      list.add(Case.test("columns").dim("t", s[0]).dim("d", s[1]).dim("2", 2));
    }
    list.add(Case.model("speaker").dim("t", 750).dim("d", 512).dim("2", 2));
  }
}
