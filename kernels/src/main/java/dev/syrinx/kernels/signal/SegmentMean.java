package dev.syrinx.kernels.signal;

import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Means over runs of rows, the last over its true length: CAM++'s context, and with one run the mean over time. Units are columns. */
public final class SegmentMean {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("signal", "segment_mean", "y[s,c] = mean of x[t,c] over s·segment ≤ t < (s+1)·segment")
          .params(in("x", "rows", "d"), out("y", "segments", "d"), i32("segment"))
          .cost(a -> new Cost(4.0 * a.dim("rows") * a.dim("d"), 1.0 * a.dim("rows") * a.dim("d")))
          .tolerance(Tolerance.reduction(1, a -> a.i32("segment")))
          .require(a -> Segments.check(a, "y"))
          .cases(SegmentMean::cases)
          .variant(Variant.reference(a -> a.dim("d"), SegmentMean::reference))
          .variant(
              Variant.vector(a -> SegmentMeanVector.units(a), (a, begin, end, scratch) -> SegmentMeanVector.run(a, begin, end, scratch))
                  )
          .cuda(CudaVariant.of("signal/segment_mean", (a, gpu) -> Segments.columns("segment_mean", a.dim("segments"), a.dim("d"))))
          .build();

  private SegmentMean() {}

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int segment = a.i32("segment");
    for (int s = 0; s < a.dim("segments"); s++) {
      int first = s * segment;
      int last = (int) Math.min(a.dim("rows"), (long) first + segment);
      for (int c = begin; c < end; c++) {
        double sum = 0;
        for (int t = first; t < last; t++) {
          sum += Cells.get(a.segment("x"), t * a.stride("x") + c);
        }
        Cells.set(a.segment("y"), s * a.stride("y") + c, sum / (last - first));
      }
    }
  }

  private static void cases(List<Case> list) {
    list.add(Segments.shape(Case.test("one"), 1, 1, 1));
    list.add(Segments.shape(Case.test("ragged"), 23, 17, 10));
    list.add(Segments.shape(Case.test("whole"), 20, 64, 10));
    list.add(Segments.shape(Case.test("longer than rows"), 7, 130, 100));
    list.add(Segments.shape(Case.test("mean"), 29, 33, 29));
    list.add(Segments.shape(Case.model("context"), 750, 128, 100));
  }
}
