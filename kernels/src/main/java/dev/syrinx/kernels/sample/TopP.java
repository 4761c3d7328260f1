package dev.syrinx.kernels.sample;

import static dev.syrinx.kernels.Param.f32;
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

/**
 * Nucleus filter (Holtzman et al. 2020): drops the least likely scores of a row as long as what is dropped has together a probability of at
 * most {@code drop} = 1 − p, and never the {@code keep} best.
 */
public final class TopP {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("sample", "top_p",
              "x[r,c] = −∞ where Σ softmax(x[r])[j] over the entries up to c in ascending order ≤ drop, but for the keep best")
          .params(inout("x", "rows", "d"), f32("drop"), i32("keep"))
          .tolerance(Tolerance.exact())
          .require(TopP::check)
          .cases(TopP::cases)
          .variant(Variant.reference(a -> a.dim("rows"), TopP::reference).withScratch(a -> Ranking.BYTES * a.dim("d")))
          .cuda(SampleCuda.search("top_p"))
          .build();

  private TopP() {}

  private static void check(Arguments a) {
    float drop = a.f32("drop");
    if (!(drop >= 0 && drop <= 1) || a.i32("keep") < 1) {
      throw new KernelArgumentException("top_p", "drop", "must be 0 to 1 and keep at least 1, are " + drop + " and " + a.i32("keep"));
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    for (int r = begin; r < end; r++) {
      row(a.segment("x"), r * a.stride("x"), a.dim("d"), a.f32("drop"), a.i32("keep"), scratch);
    }
  }

  /** Entries already filtered have probability 0 and change nothing, so that only the others are sorted. */
  static void row(MemorySegment x, long from, int d, float drop, int keep, MemorySegment ranking) {
    int count = 0;
    for (int c = 0; c < d; c++) {
      float value = Cells.get(x, from + c);
      if (value != Float.NEGATIVE_INFINITY) {
        Ranking.set(ranking, count++, value, c);
      }
    }
    Ranking.sort(ranking, count);
    double most = Normalised.greatest(x, from, d);
    double sum = Normalised.sum(x, from, d, most);
    double cumulative = 0;
    int candidates = count - keep;
    for (int i = 0; i < candidates; i++) {
      cumulative += (float) (Math.exp(Ranking.value(ranking, i) - most) / sum);
      if (!((float) cumulative <= drop)) {
        break;
      }
      Cells.set(x, from + Ranking.index(ranking, i), Float.NEGATIVE_INFINITY);
    }
  }

  private static void cases(List<Case> list) {
    Shapes.rowsWith(list, "drop", 0.2f, "keep", 1);
    Shapes.rowsWith(list, "drop", 0.7f, "keep", 2);
    Shapes.rowsWith(list, "drop", 1f, "keep", 1);
  }
}
