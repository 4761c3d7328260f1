package dev.syrinx.kernels.signal;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.Arguments;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Vector body of {@link RowStatistics}. */
final class RowStatisticsVector {
  private RowStatisticsVector() {}

  static int units(Arguments a) {
    return ColumnSums.units(a.dim("d"));
  }

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int rows = a.dim("t");
    long row = a.stride("x") * 4;
    for (int unit = begin; unit < end; unit++) {
      int c = unit * LANES;
      VectorMask<Float> mask = F.indexInRange(c, a.dim("d"));
      long x = address(a, "x") + c * 4L;
      long y = address(a, "y") + c * 4L;
      FloatVector mean = ColumnSums.sum(x, row, rows, mask).div(rows);
      store(mean, y, mask);
      FloatVector squares = ColumnSums.squares(x, row, rows, mean, mask);
      store(squares.div(rows - 1).sqrt(), y + a.stride("y") * 4, mask);
    }
  }
}
