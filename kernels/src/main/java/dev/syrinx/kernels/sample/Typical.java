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
 * Locally typical filter (Meister et al. 2022): keeps the scores whose surprise −log p is nearest to the row's entropy, until their
 * probabilities reach {@code mass}, the one that reaches it included. With {@code keep} above 1 the {@code keep} nearest stay in any case.
 */
public final class Typical {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("sample", "typical",
              "x[r,c] = −∞ where |−log p_c − H| > the distance at which the cumulated p reaches mass; p = softmax(x[r]), H its entropy")
          .params(inout("x", "rows", "d"), f32("mass"), i32("keep"))
          .tolerance(Tolerance.exact())
          .require(Typical::check)
          .cases(Typical::cases)
          .variant(Variant.reference(a -> a.dim("rows"), Typical::reference).withScratch(a -> Ranking.BYTES * a.dim("d")))
          .cuda(SampleCuda.search("typical"))
          .build();

  private Typical() {}

  private static void check(Arguments a) {
    float mass = a.f32("mass");
    if (!(mass > 0 && mass < 1) || a.i32("keep") < 1) {
      throw new KernelArgumentException(
          "typical", "mass", "must be between 0 and 1 and keep at least 1, are " + mass + " and " + a.i32("keep"));
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    for (int r = begin; r < end; r++) {
      row(a.segment("x"), r * a.stride("x"), a.dim("d"), a.f32("mass"), a.i32("keep"), scratch);
    }
  }

  /** One row of d scores; the ranking has room for d. */
  static void row(MemorySegment x, long from, int d, float mass, int keep, MemorySegment ranking) {
    double most = Normalised.greatest(x, from, d);
    double norm = most + Math.log(Normalised.sum(x, from, d, most));
    double entropy = entropy(x, from, d, norm);
    for (int c = 0; c < d; c++) {
      float surprise = (float) (norm - Cells.get(x, from + c));
      Ranking.set(ranking, c, Math.abs(surprise - (float) entropy), c);
    }
    Ranking.sort(ranking, d);
    int last = reach(x, from, d, norm, mass, ranking);
    float limit = Ranking.value(ranking, last);
    for (int i = keep > 1 ? keep : 0; i < d; i++) {
      if (Ranking.value(ranking, i) > limit) {
        Cells.set(x, from + Ranking.index(ranking, i), Float.NEGATIVE_INFINITY);
      }
    }
  }

  private static double entropy(MemorySegment x, long from, int d, double norm) {
    double entropy = 0;
    for (int c = 0; c < d; c++) {
      float value = Cells.get(x, from + c);
      if (value != Float.NEGATIVE_INFINITY) {
        entropy -= (value - norm) * Math.exp(value - norm);
      }
    }
    return entropy;
  }

  /** The first rank at which the cumulated probability is not below mass; the last one if rounding keeps it below. */
  private static int reach(MemorySegment x, long from, int d, double norm, float mass, MemorySegment ranking) {
    double cumulative = 0;
    for (int i = 0; i < d - 1; i++) {
      cumulative += (float) Math.exp(Cells.get(x, from + Ranking.index(ranking, i)) - norm);
      if (!((float) cumulative < mass)) {
        return i;
      }
    }
    return d - 1;
  }

  private static void cases(List<Case> list) {
    Shapes.rowsWith(list, "mass", 0.9f, "keep", 1);
    Shapes.rowsWith(list, "mass", 0.2f, "keep", 2);
  }
}
