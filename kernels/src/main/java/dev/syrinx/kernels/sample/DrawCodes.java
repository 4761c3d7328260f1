package dev.syrinx.kernels.sample;

import static dev.syrinx.kernels.Param.counts;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.indices;
import static dev.syrinx.kernels.Param.out;
import static dev.syrinx.kernels.Param.outIndices;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Param;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The draws of a step for several sequences: {@link AddToRows}, {@link Softmax} over all beams of a sequence, {@link PhiloxNoise} and {@link GumbelTopK} in one; the same
 * numbers as those one after the other. A sequence with b beams takes 2b draws, one without takes one; the others are 0.
 *
 * <p>Where noise is given it is used instead of Philox. Greedy sequences take the best totals. Index i of a draw is beam·d + id.
 */
public final class DrawCodes {
  /** Words of a seed: low and high half of the seed, then of the stream. */
  public static final int SEED_WORDS = 4;

  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("sample", "draw_codes", "drawn[s] = the 2·beams[s] (or 1) largest of log softmax(scores + sums) + gumbel(seeds[s], steps[s]); picked = scores + sums there")
          .params(
              in("scores", "rows", "d"), in("sums", "rows"), in("noise", "rows", "d").orAbsent(), counts("beams", "rows/sequences", "sequences"),
              indices("steps", "capacity", "sequences"), indices("greedy", "sequences", "sequences"),
              new Param("seeds", Param.Role.IN, DType.I32, List.of("sequences", "words"), false, Param.Values.ANY, ""),
              outIndices("drawn", "sequences", "draws"), out("picked", "sequences", "draws"), Param.i32("capacity"))
          .cost(a -> new Cost(4.0 * a.dim("rows") * a.dim("d"), 40.0 * a.dim("rows") * a.dim("d")))
          .tolerance(Tolerance.exact())
          .require(DrawCodes::check)
          .cases(DrawCodes::cases)
          .variant(Variant.reference(a -> a.dim("sequences"), DrawCodes::reference).withScratch(DrawCodes::scratch))
          .cuda(SampleCuda.drawCodes())
          .build();

  private DrawCodes() {}

  private static void check(Arguments a) {
    int sequences = a.dim("sequences");
    if (sequences < 1 || a.dim("rows") % sequences != 0 || a.dim("draws") < 2 * (a.dim("rows") / sequences) || a.dim("words") != SEED_WORDS) {
      throw new KernelArgumentException("draw_codes", "drawn", "must have room for twice the rows of a sequence, and seeds four words, in " + a);
    }
  }

  /** Totals, then keys of the draws, then a block of random words. */
  private static long scratch(Arguments a) {
    return 4L * most(a) + 4L * a.dim("draws") + 16;
  }

  private static int most(Arguments a) {
    return a.dim("rows") / a.dim("sequences") * a.dim("d");
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    for (int s = begin; s < end; s++) {
      sequence(a, s, scratch);
    }
  }

  private static void sequence(Arguments a, int s, MemorySegment scratch) {
    int beams = Cells.index(a, "beams", s, a.dim("rows") / a.dim("sequences") + 1);
    int d = a.dim("d");
    int n = beams * d;
    MemorySegment totals = scratch.asSlice(0, 4L * n);
    totals(a, s, beams, totals);
    int draws = Math.min(n, beams > 1 ? 2 * beams : 1);
    int found = 0;
    boolean greedy = Cells.getInt(a.segment("greedy"), s) != 0;
    double most = greedy ? 0 : Normalised.greatest(totals, 0, n);
    double sum = greedy ? 1 : Normalised.sum(totals, 0, n, most);
    MemorySegment keys = scratch.asSlice(4L * most(a), 4L * a.dim("draws"));
    Noise noise = new Noise(a, s, scratch.asSlice(4L * most(a) + 4L * a.dim("draws"), 16));
    for (int i = 0; i < n; i++) {
      float total = Cells.get(totals, i);
      float key = GumbelTopK.plain(total);
      if (!greedy) {
        float chance = total == Float.NEGATIVE_INFINITY ? 0 : (float) (Math.exp(total - most) / sum);
        key = GumbelTopK.key(chance, noise.of(i, chance));
      }
      found = insert(a, s, draws, found, keys, key, i);
    }
    for (int i = 0; i < a.dim("draws"); i++) {
      long at = s * a.stride("picked") + i;
      if (i >= found) {
        Cells.setInt(a.segment("drawn"), s * a.stride("drawn") + i, 0);
      }
      Cells.set(a.segment("picked"), at, i < found ? Cells.get(totals, Cells.getInt(a.segment("drawn"), s * a.stride("drawn") + i)) : 0);
    }
  }

  private static void totals(Arguments a, int s, int beams, MemorySegment totals) {
    int d = a.dim("d");
    int first = s * (a.dim("rows") / a.dim("sequences"));
    for (int b = 0; b < beams; b++) {
      float sum = Cells.get(a.segment("sums"), first + b);
      for (int c = 0; c < d; c++) {
        float score = Cells.get(a.segment("scores"), (first + b) * a.stride("scores") + c);
        Cells.set(totals, (long) b * d + c, beams > 1 ? score + sum : score);
      }
    }
  }

  /** Keeps the largest keys in order, equal ones by index. */
  private static int insert(Arguments a, int s, int most, int found, MemorySegment keys, float key, int index) {
    int count = found;
    if (count < most) {
      count++;
    } else if (!(key > Cells.get(keys, most - 1))) {
      return count;
    }
    MemorySegment drawn = a.segment("drawn");
    long first = s * a.stride("drawn");
    int at = count - 1;
    for (; at > 0 && key > Cells.get(keys, at - 1); at--) {
      Cells.set(keys, at, Cells.get(keys, at - 1));
      Cells.setInt(drawn, first + at, Cells.getInt(drawn, first + at - 1));
    }
    Cells.set(keys, at, key);
    Cells.setInt(drawn, first + at, index);
    return count;
  }

  /** Noise of the entries of a sequence, in rising order. */
  private static final class Noise {
    private final Arguments a;
    private final int first;
    private final long seed;
    private final int step;
    private final MemorySegment words;
    private int made = -1;

    private Noise(Arguments a, int s, MemorySegment words) {
      this.a = a;
      this.words = words;
      first = s * (a.dim("rows") / a.dim("sequences"));
      seed = s * a.stride("seeds");
      step = Cells.getInt(a.segment("steps"), s);
    }

    float of(int i, float chance) {
      if (a.has("noise")) {
        int d = a.dim("d");
        return Cells.get(a.segment("noise"), (first + i / d) * a.stride("noise") + i % d);
      }
      if (!(chance > 0)) {
        return 0;
      }
      if (made != i / Philox.WORDS) {
        made = i / Philox.WORDS;
        Philox.block(made, step, word(2), word(3), word(0), word(1), words);
      }
      return (float) Philox.gumbel(Cells.getInt(words, i % Philox.WORDS));
    }

    private int word(int i) {
      return Cells.getInt(a.segment("seeds"), seed + i);
    }
  }

  private static void cases(List<Case> list) {
    int[][] shapes = {{1, 1, 1}, {1, 1, 17}, {2, 3, 130}, {3, 1, 1000}, {2, 16, 40}};
    for (int[] s : shapes) {
      list.add(shape(Case.test("given"), s[0], s[1], s[2]));
      list.add(shape(Case.test("philox"), s[0], s[1], s[2]).without("noise"));
    }
    list.add(shape(Case.model("sampling"), 1, 1, 8194).without("noise"));
    list.add(shape(Case.model("beams"), 1, 3, 8194).without("noise"));
    list.add(shape(Case.model("batch"), 8, 1, 8194).without("noise"));
  }

  private static Case shape(Case c, int sequences, int width, int d) {
    return c.dim("sequences", sequences).dim("rows", sequences * width).dim("d", d).dim("draws", 2 * width).dim("words", SEED_WORDS).with("capacity", 1000);
  }
}
