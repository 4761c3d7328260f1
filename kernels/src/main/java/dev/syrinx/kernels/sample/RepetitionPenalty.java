package dev.syrinx.kernels.sample;

import static dev.syrinx.kernels.Param.counts;
import static dev.syrinx.kernels.Param.f32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.indices;
import static dev.syrinx.kernels.Param.out;

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
 * Makes what was already said less likely (Keskar et al. 2019, CTRL, section 4.1). An id that occurs several times is penalised once: every
 * occurrence writes the same value, computed from x.
 */
public final class RepetitionPenalty {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("sample", "repetition_penalty",
              "y = x, but x[r,h] · penalty (x < 0) or x[r,h] / penalty for each h in history[r, 0..lengths[r])")
          .params(
              in("x", "rows", "d"), indices("history", "d", "rows", "capacity"), counts("lengths", "capacity", "rows"),
              out("y", "rows", "d"), f32("penalty"))
          .tolerance(Tolerance.exact())
          .require(RepetitionPenalty::check)
          .cases(RepetitionPenalty::cases)
          .variant(Variant.reference(a -> a.dim("rows"), RepetitionPenalty::reference))
          .cuda(SampleCuda.rows("repetition_penalty"))
          .build();

  private RepetitionPenalty() {}

  private static void check(Arguments a) {
    if (!(a.f32("penalty") > 0)) {
      throw new KernelArgumentException("repetition_penalty", "penalty", "must be positive, is " + a.f32("penalty"));
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    MemorySegment x = a.segment("x");
    MemorySegment y = a.segment("y");
    int d = a.dim("d");
    float penalty = a.f32("penalty");
    MemorySegment histories = a.segment("history");
    for (int r = begin; r < end; r++) {
      long from = r * a.stride("x");
      long to = r * a.stride("y");
      MemorySegment.copy(x, from * 4, y, to * 4, d * 4L);
      int length = Cells.index(a, "lengths", r, a.dim("capacity") + 1);
      long history = r * a.stride("history");
      for (int i = 0; i < length; i++) {
        int id = checked(a, Cells.getInt(histories, history + i), d);
        float value = Cells.get(x, from + id);
        Cells.set(y, to + id, value < 0 ? value * penalty : value / penalty);
      }
    }
  }

  private static int checked(Arguments a, int id, int d) {
    if (id < 0 || id >= d) {
      throw new KernelArgumentException("repetition_penalty", "history", "holds " + id + ", outside 0.." + (d - 1) + " in " + a);
    }
    return id;
  }

  private static void cases(List<Case> list) {
    int from = list.size();
    Shapes.rowsWith(list, "penalty", 10f);
    Shapes.rowsWith(list, "penalty", 0.5f);
    list.subList(from, list.size()).forEach(c -> c.dim("capacity", c.model() ? 1500 : 7));
  }
}
