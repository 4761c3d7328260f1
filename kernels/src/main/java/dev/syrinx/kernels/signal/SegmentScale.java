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
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Rows times the row of their run: CAM++'s mask. y may be x. */
public final class SegmentScale {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("signal", "segment_scale", "y[t,c] = x[t,c] · m[⌊t / segment⌋, c]")
          .params(in("x", "rows", "d"), in("m", "segments", "d"), out("y", "rows", "d"), i32("segment"))
          .inPlace("x")
          .cost(a -> new Cost(8.0 * a.dim("rows") * a.dim("d"), 1.0 * a.dim("rows") * a.dim("d")))
          .tolerance(Tolerance.exact())
          .require(a -> Segments.check(a, "m"))
          .cases(SegmentScale::cases)
          .variant(Variant.reference(a -> a.dim("rows"), SegmentScale::reference))
          .variant(Variant.vector(a -> a.dim("rows"), (a, begin, end, scratch) -> SegmentScaleVector.run(a, begin, end, scratch)))
          .cuda(CudaVariant.of("signal/segment_scale", (a, gpu) -> Launch.overQuads("segment_scale", a.dim("rows"), a.dim("d"), gpu)))
          .build();

  private SegmentScale() {}

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    for (int t = begin; t < end; t++) {
      long row = t / a.i32("segment") * a.stride("m");
      for (int c = 0; c < a.dim("d"); c++) {
        double factor = Cells.get(a.segment("m"), row + c);
        Cells.set(a.segment("y"), t * a.stride("y") + c, factor * Cells.get(a.segment("x"), t * a.stride("x") + c));
      }
    }
  }

  private static void cases(List<Case> list) {
    list.add(Segments.shape(Case.test("one"), 1, 1, 1));
    list.add(Segments.shape(Case.test("ragged"), 23, 17, 10));
    list.add(Segments.shape(Case.test("whole"), 20, 64, 10));
    list.add(Segments.shape(Case.test("longer than rows"), 7, 130, 100));
    list.add(Segments.shape(Case.test("empty"), 0, 130, 100));
    list.add(Segments.shape(Case.model("mask"), 750, 32, 100));
  }
}
