package dev.syrinx.kernels;

import java.lang.foreign.MemorySegment;

/** One way to compute a kernel on the CPU. */
@FunctionalInterface
public interface Body {
  /**
   * Computes the units {@code begin} (inclusive) to {@code end} (exclusive). Units are independent of each other, so any split over threads
   * gives the same bytes.
   *
   * @param scratch memory of this thread alone, at least as large as the variant asked for
   */
  void run(Arguments a, int begin, int end, MemorySegment scratch);
}
