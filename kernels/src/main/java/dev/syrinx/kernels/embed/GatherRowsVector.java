package dev.syrinx.kernels.embed;

import static dev.syrinx.kernels.Memory.ALL;
import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.addressOrZero;
import static dev.syrinx.kernels.Memory.copy;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.set;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.VectorMask;

/** Vector body of {@link GatherRows}: rows are copied or widened to y, then the addend is added while they lie in the cache. */
final class GatherRowsVector {
  private GatherRowsVector() {}

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    DType dtype = a.dtype("table");
    int d = a.dim("d");
    long add = addressOrZero(a, "add");
    for (int r = begin; r < end; r++) {
      long row = Cells.index(a, "ids", r, a.dim("entries")) * a.stride("table");
      long from = address(a, "table") + row * dtype.bytes();
      long y = address(a, "y") + r * a.stride("y") * 4;
      switch (dtype) {
        case F32 -> copy(from, y, d);
        case F16 -> half(from, y, d);
        default -> brain(from, y, d);
      }
      if (add != 0) {
        add(add + r * a.stride("add") * 4, y, d);
      }
    }
  }

  private static void half(long from, long y, int d) {
    for (int c = 0; c < d; c++) {
      set(y + c * 4L, Float.float16ToFloat(ALL.get(JAVA_SHORT_UNALIGNED, from + c * 2L)));
    }
  }

  private static void brain(long from, long y, int d) {
    for (int c = 0; c < d; c++) {
      set(y + c * 4L, DType.fromBf16(ALL.get(JAVA_SHORT_UNALIGNED, from + c * 2L)));
    }
  }

  private static void add(long x, long y, int d) {
    for (int c = 0; c < d; c += LANES) {
      VectorMask<Float> mask = F.indexInRange(c, d);
      store(load(y + c * 4L, mask).add(load(x + c * 4L, mask)), y + c * 4L, mask);
    }
  }
}
