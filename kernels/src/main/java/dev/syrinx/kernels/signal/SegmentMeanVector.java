package dev.syrinx.kernels.signal;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.Arguments;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.VectorMask;

/** Vector body of {@link SegmentMean}. */
final class SegmentMeanVector {
  private SegmentMeanVector() {}

  static int units(Arguments a) {
    return ColumnSums.units(a.dim("d"));
  }

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int segment = a.i32("segment");
    int segments = a.dim("segments");
    long xRow = a.stride("x") * 4;
    long yRow = a.stride("y") * 4;
    for (int unit = begin; unit < end; unit++) {
      int c = unit * LANES;
      VectorMask<Float> mask = F.indexInRange(c, a.dim("d"));
      for (int s = 0; s < segments; s++) {
        long first = (long) s * segment;
        int rows = (int) Math.min(segment, a.dim("rows") - first);
        long x = address(a, "x") + first * xRow + c * 4L;
        store(ColumnSums.sum(x, xRow, rows, mask).div(rows), address(a, "y") + s * yRow + c * 4L, mask);
      }
    }
  }
}
