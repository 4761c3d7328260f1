package dev.syrinx.kernels.conv;

import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Rows added before and behind a matrix, so that convolutions need no conditions. Copies runs of rows: the reference is the fast body. */
public final class PadRows {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("conv", "pad_rows", "y[r,c] = x[r − left, c], or zero, the mirrored row, or the edge row outside")
          .params(in("x", "t", "c"), out("y", "padded", "c"), i32("left"), i32("mode"))
          .tolerance(Tolerance.exact())
          .require(PadRows::check)
          .cases(PadRows::cases)
          .variant(Variant.reference(a -> a.dim("padded"), PadRows::reference))
          .cuda(CudaVariant.of("conv/pad_rows", (a, gpu) -> Launch.overQuads("pad_rows", a.dim("padded"), a.dim("c"), gpu)))
          .build();

  private PadRows() {}

  private static void check(Arguments a) {
    int rows = a.dim("t");
    int left = a.i32("left");
    int right = a.dim("padded") - rows - left;
    PadMode mode = PadMode.of(a.i32("mode"));
    if (left < 0 || right < 0) {
      throw new KernelArgumentException(
          "pad_rows", "y", "has " + a.dim("padded") + " rows for " + rows + " rows after " + left + " of padding");
    }
    int widest = mode == PadMode.REFLECT ? rows - 1 : mode == PadMode.EDGE && rows == 0 ? 0 : Integer.MAX_VALUE;
    if (Math.max(left, right) > Math.max(0, widest)) {
      throw new KernelArgumentException(
          "pad_rows", "x", "has " + rows + " rows, too few for " + mode + " padding by " + left + " and " + right);
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    PadMode mode = PadMode.of(a.i32("mode"));
    int rows = a.dim("t");
    int left = a.i32("left");
    long bytes = a.dim("c") * 4L;
    MemorySegment x = a.segment("x");
    MemorySegment y = a.segment("y");
    long xRow = a.stride("x") * 4;
    long yRow = a.stride("y") * 4;
    for (int r = begin; r < end; ) {
      int source = mode.source(r - left, rows);
      boolean run = source >= 0 && source == r - left && xRow == bytes && yRow == bytes;
      int count = run ? Math.min(end - r, rows - source) : 1;
      if (source < 0) {
        y.asSlice(r * yRow, bytes).fill((byte) 0);
      } else {
        MemorySegment.copy(x, source * xRow, y, r * yRow, count * bytes);
      }
      r += count;
    }
  }

  private static void cases(List<Case> list) {
    for (PadMode mode : PadMode.values()) {
      list.add(shape(Case.test("both ends"), 7, 17, 3, 6, mode));
      list.add(shape(Case.test("left"), 9, 33, 4, 0, mode));
      list.add(shape(Case.test("nothing"), 3, 5, 0, 0, mode));
    }
    list.add(shape(Case.test("one row"), 1, 5, 3, 4, PadMode.EDGE));
    list.add(shape(Case.test("no row"), 0, 5, 3, 4, PadMode.ZERO));
    list.add(shape(Case.model("wavenet"), 1291, 512, 2, 2, PadMode.REFLECT));
    list.add(shape(Case.model("vocoder"), 22016, 24, 25, 25, PadMode.ZERO));
  }

  private static Case shape(Case c, int t, int columns, int left, int right, PadMode mode) {
    return c.dim("t", t).dim("c", columns).dim("padded", left + t + right).with("left", left).with("mode", mode.id());
  }
}
