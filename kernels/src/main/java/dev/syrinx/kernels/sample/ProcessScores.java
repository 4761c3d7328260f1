package dev.syrinx.kernels.sample;

import static dev.syrinx.kernels.Param.counts;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.indices;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * All that happens to a step's logits before the draw, with the settings of each sequence: {@link LogSoftmax} if it has beams, {@link RepetitionPenalty}, {@link Typical},
 * {@link Temperature}, {@link TopK}, {@link TopP}; the same numbers as those one after the other.
 *
 * <p>The rows of sequence s are s·w to s·w + w − 1, w = rows / sequences. A row's history holds steps[s] codes behind two ids that stand for the prompt. Settings are read when the
 * body runs: {@link #PENALTY} and the others are columns.
 */
public final class ProcessScores {
  /** Columns of the settings: the penalty. */
  public static final int PENALTY = 0;

  /** Mass of the typical filter; none outside 0 to 1. */
  public static final int MASS = 1;

  /** Candidates that filters leave. */
  public static final int KEEP = 2;

  /** Divides the scores. */
  public static final int TEMPERATURE = 3;

  /** Best candidates that stay; 0 for all. */
  public static final int TOP_K = 4;

  /** Probability that may be dropped; negative for none. */
  public static final int DROP = 5;

  /** How many there are. */
  public static final int SETTINGS = 6;

  /** Ids of a history that stand for the prompt. */
  public static final int PROMPT = 2;

  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("sample", "process_scores", "y[r] = top_p(top_k(typical(penalised(beams[s] > 1 ? log_softmax(x[r]) : x[r])) / temperature)), s = r / (rows/sequences)")
          .params(
              in("x", "rows", "d"), indices("history", "d", "rows", "capacity"), indices("steps", "capacity", "sequences"),
              counts("beams", "rows/sequences", "sequences"), in("settings", "sequences", "six"), out("y", "rows", "d"))
          .cost(a -> new Cost(8.0 * a.dim("rows") * a.dim("d"), 40.0 * a.dim("rows") * a.dim("d")))
          .tolerance(Tolerance.reduction(1, a -> a.dim("d")))
          .require(ProcessScores::check)
          .cases(ProcessScores::cases)
          .variant(Variant.reference(a -> a.dim("rows"), ProcessScores::reference).withScratch(a -> Ranking.BYTES * a.dim("d")))
          .cuda(SampleCuda.search("process_scores").beginningEarly())
          .build();

  private ProcessScores() {}

  private static void check(Arguments a) {
    if (a.dim("six") != SETTINGS || a.dim("sequences") < 1 || a.dim("rows") % a.dim("sequences") != 0) {
      throw new KernelArgumentException("process_scores", "settings", "must be " + SETTINGS + " for each sequence, and rows the same number, in " + a);
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int width = a.dim("rows") / a.dim("sequences");
    for (int r = begin; r < end; r++) {
      row(a, r, r / width, scratch);
    }
  }

  private static void row(Arguments a, int r, int s, MemorySegment scratch) {
    MemorySegment x = a.segment("x");
    MemorySegment y = a.segment("y");
    int d = a.dim("d");
    long from = r * a.stride("x");
    long to = r * a.stride("y");
    long settings = s * a.stride("settings");
    boolean logs = Cells.index(a, "beams", s, a.dim("rows") / a.dim("sequences") + 1) > 1;
    if (logs) {
      LogSoftmax.row(x, from, y, to, d);
    } else {
      MemorySegment.copy(x, from * 4, y, to * 4, d * 4L);
    }
    penalise(a, r, s, y, to, Cells.get(a.segment("settings"), settings + PENALTY), scratch);
    filter(y, to, d, a.segment("settings"), settings, scratch);
  }

  /** Each id of the history once: the scores before are kept aside. */
  private static void penalise(Arguments a, int r, int s, MemorySegment y, long to, float penalty, MemorySegment before) {
    int d = a.dim("d");
    MemorySegment.copy(y, to * 4, before, 0, d * 4L);
    int length = Math.min(Cells.index(a, "steps", s, a.dim("capacity") + 1) + PROMPT, a.dim("capacity"));
    for (int i = 0; i < length; i++) {
      int id = Cells.index(a, "history", r * a.stride("history") + i, d);
      float value = Cells.get(before, id);
      Cells.set(y, to + id, value < 0 ? value * penalty : value / penalty);
    }
  }

  private static void filter(MemorySegment y, long to, int d, MemorySegment settings, long at, MemorySegment scratch) {
    float mass = Cells.get(settings, at + MASS);
    int keep = Math.max(1, (int) Cells.get(settings, at + KEEP));
    float temperature = Cells.get(settings, at + TEMPERATURE);
    int k = (int) Cells.get(settings, at + TOP_K);
    float drop = Cells.get(settings, at + DROP);
    if (mass > 0 && mass < 1) {
      Typical.row(y, to, d, mass, keep, scratch);
    }
    for (int c = 0; c < d; c++) {
      Cells.set(y, to + c, Cells.get(y, to + c) / temperature);
    }
    if (k > 0) {
      TopK.row(y, to, d, Math.min(d, Math.max(k, keep)), scratch);
    }
    if (drop >= 0) {
      TopP.row(y, to, d, drop, keep, scratch);
    }
  }

  private static void cases(List<Case> list) {
    int[][] shapes = {{1, 1, 1}, {2, 1, 17}, {2, 3, 130}, {3, 1, 1000}};
    for (int[] s : shapes) {
      list.add(shape(Case.test("rows"), s[0], s[1], s[2], 9));
    }
    list.add(shape(Case.model("sampling"), 1, 1, 8194, 1820));
    list.add(shape(Case.model("beams"), 1, 3, 8194, 1820));
    list.add(shape(Case.model("batch"), 8, 1, 8194, 1820));
  }

  private static Case shape(Case c, int sequences, int width, int d, int capacity) {
    return c.dim("sequences", sequences).dim("rows", sequences * width).dim("d", d).dim("capacity", capacity).dim("six", SETTINGS);
  }
}
