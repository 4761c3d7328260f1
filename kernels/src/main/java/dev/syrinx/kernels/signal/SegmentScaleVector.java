package dev.syrinx.kernels.signal;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.Arguments;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.VectorMask;

/** Vector body of {@link SegmentScale}. */
final class SegmentScaleVector {
  private SegmentScaleVector() {}

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int d = a.dim("d");
    int segment = a.i32("segment");
    for (int t = begin; t < end; t++) {
      long m = address(a, "m") + t / segment * a.stride("m") * 4;
      row(address(a, "x") + t * a.stride("x") * 4, m, address(a, "y") + t * a.stride("y") * 4, d);
    }
  }

  private static void row(long x, long m, long y, int d) {
    for (int c = 0; c < d; c += LANES) {
      VectorMask<Float> mask = F.indexInRange(c, d);
      store(load(x + c * 4L, mask).mul(load(m + c * 4L, mask)), y + c * 4L, mask);
    }
  }
}
