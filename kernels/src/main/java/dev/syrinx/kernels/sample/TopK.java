package dev.syrinx.kernels.sample;

import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.inout;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Drops all but the k best scores of a row. Scores equal to the k-th best stay, so more than k may be left. */
public final class TopK {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("sample", "top_k", "x[r,c] = −∞ where x[r,c] < the k-th largest of row r")
          .params(inout("x", "rows", "d"), i32("k"))
          .tolerance(Tolerance.exact())
          .require(TopK::check)
          .cases(TopK::cases)
          .variant(Variant.reference(a -> a.dim("rows"), TopK::reference).withScratch(a -> 4L * Math.min(a.i32("k"), a.dim("d"))))
          .cuda(SampleCuda.search("top_k"))
          .build();

  private TopK() {}

  private static void check(Arguments a) {
    if (a.i32("k") < 1) {
      throw new KernelArgumentException("top_k", "k", "must be at least 1, is " + a.i32("k"));
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    MemorySegment x = a.segment("x");
    int d = a.dim("d");
    int k = Math.min(a.i32("k"), d);
    for (int r = begin; r < end; r++) {
      row(x, r * a.stride("x"), d, k, scratch);
    }
  }

  /** One row of d scores; the heap has room for k. */
  static void row(MemorySegment x, long from, int d, int k, MemorySegment heap) {
    float threshold = kthLargest(x, from, d, k, heap);
    for (int c = 0; c < d; c++) {
      if (Cells.get(x, from + c) < threshold) {
        Cells.set(x, from + c, Float.NEGATIVE_INFINITY);
      }
    }
  }

  /** The k largest so far are a heap with the least on top. */
  private static float kthLargest(MemorySegment x, long from, int d, int k, MemorySegment heap) {
    for (int c = 0; c < k; c++) {
      Cells.set(heap, c, Cells.get(x, from + c));
    }
    for (int i = k / 2 - 1; i >= 0; i--) {
      sink(heap, i, k);
    }
    for (int c = k; c < d; c++) {
      float value = Cells.get(x, from + c);
      if (value > Cells.get(heap, 0)) {
        Cells.set(heap, 0, value);
        sink(heap, 0, k);
      }
    }
    return Cells.get(heap, 0);
  }

  private static void sink(MemorySegment heap, int start, int size) {
    float value = Cells.get(heap, start);
    int at = start;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && Cells.get(heap, child + 1) < Cells.get(heap, child)) {
        child++;
      }
      if (!(Cells.get(heap, child) < value)) {
        break;
      }
      Cells.set(heap, at, Cells.get(heap, child));
      at = child;
    }
    Cells.set(heap, at, value);
  }

  private static void cases(List<Case> list) {
    Shapes.rowsWith(list, "k", 30);
    Shapes.rowsWith(list, "k", 1);
  }
}
