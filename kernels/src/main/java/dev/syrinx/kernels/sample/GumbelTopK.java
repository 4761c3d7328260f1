package dev.syrinx.kernels.sample;

import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;
import static dev.syrinx.kernels.Param.outIndices;

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
 * Draws k entries without replacement (Kool et al. 2019): the k largest of log p plus Gumbel noise, largest first, the lower index on a
 * tie. Entries of probability 0 are drawn last. Without probabilities the scores themselves are ranked: the k best, no chance involved.
 */
public final class GumbelTopK {
  /** Stands for log 0: below every logarithm of a positive float by more than noise can make up. */
  public static final float LOG_ZERO = -1000f;

  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("sample", "gumbel_top_k",
              "index = the k largest of log p[i] + noise[i] (−1000 for log 0), or of scores[i] if p is absent; picked = scores[index]")
          .params(in("scores", "d"), in("p", "d").orAbsent(), in("noise", "d").orAbsent(), outIndices("index", "k"), out("picked", "k"))
          .cost(a -> new Cost(4.0 * a.dim("d") * (a.has("p") ? 3 : 1), 4.0 * a.dim("d")))
          .tolerance(Tolerance.exact())
          .require(GumbelTopK::check)
          .cases(GumbelTopK::cases)
          .variant(Variant.reference(a -> 1, GumbelTopK::reference).withScratch(a -> 4L * a.dim("k")))
          .cuda(SampleCuda.gumbelTopK())
          .build();

  private GumbelTopK() {}

  private static void check(Arguments a) {
    if (a.dim("k") > a.dim("d")) {
      throw new KernelArgumentException("gumbel_top_k", "index", "wants " + a.dim("k") + " of " + a.dim("d") + " entries");
    }
    if (a.has("noise") && !a.has("p")) {
      throw new KernelArgumentException("gumbel_top_k", "noise", "needs p");
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment keys) {
    MemorySegment scores = a.segment("scores");
    MemorySegment p = a.has("p") ? a.segment("p") : MemorySegment.NULL;
    MemorySegment noise = a.has("noise") ? a.segment("noise") : MemorySegment.NULL;
    MemorySegment index = a.segment("index");
    int k = a.dim("k");
    int d = a.dim("d");
    int found = 0;
    for (int i = 0; i < d; i++) {
      float chance = p.byteSize() > 0 ? Cells.get(p, i) : 0;
      float key = p.byteSize() > 0 ? key(chance, noise.byteSize() > 0 ? Cells.get(noise, i) : 0f) : plain(Cells.get(scores, i));
      if (found < k) {
        found++;
      } else if (!(key > Cells.get(keys, k - 1))) {
        continue;
      }
      int at = found - 1;
      for (; at > 0 && key > Cells.get(keys, at - 1); at--) {
        Cells.set(keys, at, Cells.get(keys, at - 1));
        Cells.setInt(index, at, Cells.getInt(index, at - 1));
      }
      Cells.set(keys, at, key);
      Cells.setInt(index, at, i);
    }
    for (int i = 0; i < k; i++) {
      Cells.set(a.segment("picked"), i, Cells.get(scores, Cells.getInt(index, i)));
    }
  }

  /** What entries are ranked by when chance decides. */
  static float key(float chance, float noise) {
    return plain((chance > 0 ? (float) Math.log(chance) : LOG_ZERO) + noise);
  }

  /** What they are ranked by else: NaN ranks with the filtered entries. */
  static float plain(float score) {
    return Float.isNaN(score) ? Float.NEGATIVE_INFINITY : score;
  }

  private static void cases(List<Case> list) {
    list.add(shape(Case.test("one"), 1, 1));
    list.add(shape(Case.test("some"), 1000, 6));
    list.add(shape(Case.test("all"), 9, 9));
    list.add(shape(Case.test("no noise"), 130, 4).without("noise"));
    list.add(shape(Case.test("best"), 130, 4).without("noise", "p"));
    list.add(shape(Case.model("sampling"), 8194, 1));
    list.add(shape(Case.model("beams"), 3 * 8194, 6));
  }

  private static Case shape(Case c, int d, int k) {
    return c.dim("d", d).dim("k", k);
  }
}
