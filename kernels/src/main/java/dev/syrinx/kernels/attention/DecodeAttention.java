package dev.syrinx.kernels.attention;

import static dev.syrinx.kernels.Param.counts;
import static dev.syrinx.kernels.Param.f32;
import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.indices;
import static dev.syrinx.kernels.Param.out;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

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
 * Attention of one new query per sequence over keys and values in blocks of a shared cache (paged attention, Kwon et al. 2023).
 *
 * <p>Position p of sequence b lies in row {@code table[b, p / block_size] · block_size + p % block_size} of both caches; {@code lengths[b]} positions are read,
 * the new one included. Both are read when the body runs: they change between replays of a recorded call. A length of 0 gives zeros.
 */
public final class DecodeAttention {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("attention", "decode_attention", "y[b,h] = Σ_p softmax_p(scale · q[b,h]·keys[slot(b,p),g]) · values[slot(b,p),g], p < lengths[b]")
          .params(
              in("q", "batch", "width"), in("keys", "slots", "kv_width").orHalf(), in("values", "slots", "kv_width").orHalf(),
              indices("table", "slots/block_size", "batch", "blocks"), counts("lengths", "blocks*block_size", "batch"), out("y", "batch", "width"),
              i32("block_size"), i32("heads"), i32("kv_heads"), f32("scale"))
          .cost(DecodeAttention::cost)
          // Twice: the scores' rounding passes through the exponential, the output is an average over the keys.
          .tolerance(Tolerance.reduction(2, a -> a.dim("width") / a.i32("heads") + (long) a.dim("blocks") * a.i32("block_size")))
          .require(DecodeAttention::check)
          .cases(DecodeAttention::cases)
          .variant(
              Variant.reference(a -> a.dim("batch") * a.i32("heads"), DecodeAttention::reference)
                  .withScratch(a -> 8L * a.dim("blocks") * a.i32("block_size")))
          .variant(
              Variant.vector(a -> DecodeAttentionVector.units(a), (a, begin, end, scratch) -> DecodeAttentionVector.run(a, begin, end, scratch))
                  .withScratch(a -> DecodeAttentionVector.scratchBytes(a)))
          .cudaHalf(DecodeAttentionCuda.best())
          .cudaHalf(DecodeAttentionCuda.twoLaunches())
          .build();

  private DecodeAttention() {}

  /** Lengths change between replays, so the cost is that of full tables. */
  private static Cost cost(Arguments a) {
    double positions = (double) a.dim("batch") * a.dim("blocks") * a.i32("block_size");
    return new Cost(2.0 * a.dtype("keys").bytes() * positions * a.dim("kv_width"), 4 * positions * a.dim("width"));
  }

  private static void check(Arguments a) {
    int heads = a.i32("heads");
    int kvHeads = a.i32("kv_heads");
    if (heads < 1 || kvHeads < 1 || heads % kvHeads != 0) {
      throw new KernelArgumentException("decode_attention", "kv_heads", "is " + kvHeads + " for " + heads + " query heads; it must divide them");
    }
    if (a.dim("width") % heads != 0 || a.dim("kv_width") != a.dim("width") / heads * kvHeads) {
      throw new KernelArgumentException(
          "decode_attention", "keys", "have " + a.dim("kv_width") + " columns for " + kvHeads + " heads, q has " + a.dim("width") + " for " + heads);
    }
    if (a.half("keys") != a.half("values")) {
      throw new KernelArgumentException("decode_attention", "values", "must be of the type of the keys, in " + a);
    }
    if (a.i32("block_size") < 1) {
      throw new KernelArgumentException("decode_attention", "block_size", "is " + a.i32("block_size") + "; it must be positive");
    }
  }

  /** The checked length of sequence b. */
  static int length(Arguments a, int b) {
    return Cells.index(a, "lengths", b, a.dim("blocks") * a.i32("block_size") + 1);
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int heads = a.i32("heads");
    for (int unit = begin; unit < end; unit++) {
      row(a, unit / heads, unit % heads, length(a, unit / heads), scratch);
    }
  }

  private static void row(Arguments a, int b, int head, int length, MemorySegment weights) {
    int d = a.dim("width") / a.i32("heads");
    long column = (long) head / (a.i32("heads") / a.i32("kv_heads")) * d;
    PagedRows rows = PagedRows.of(a, b, length);
    double most = Double.NEGATIVE_INFINITY;
    for (int p = 0; p < length; p++) {
      long key = rows.row(p) * a.stride("keys") + column;
      double score = 0;
      for (int c = 0; c < d; c++) {
        score += (double) Cells.get(a.segment("q"), b * a.stride("q") + (long) head * d + c) * a.real("keys", key + c);
      }
      weights.setAtIndex(JAVA_DOUBLE, p, a.f32("scale") * score);
      most = Math.max(most, a.f32("scale") * score);
    }
    double sum = 0;
    for (int p = 0; p < length; p++) {
      double weight = Math.exp(weights.getAtIndex(JAVA_DOUBLE, p) - most);
      weights.setAtIndex(JAVA_DOUBLE, p, weight);
      sum += weight;
    }
    for (int c = 0; c < d; c++) {
      double value = 0;
      for (int p = 0; p < length; p++) {
        value += weights.getAtIndex(JAVA_DOUBLE, p) * a.real("values", rows.row(p) * a.stride("values") + column + c);
      }
      Cells.set(a.segment("y"), b * a.stride("y") + (long) head * d + c, length == 0 ? 0 : value / sum);
    }
  }

  private static void cases(List<Case> list) {
    list.add(shape(Case.test("one"), 1, 1, 1, 1, 1, 1, 1));
    list.add(shape(Case.test("batch"), 3, 9, 16, 4, 2, 2, 64));
    list.add(shape(Case.test("odd"), 2, 5, 7, 3, 3, 3, 17));
    list.add(shape(Case.test("grouped"), 2, 6, 8, 5, 6, 2, 16));
    list.add(shape(Case.test("wide"), 1, 4, 32, 3, 1, 1, 130));
    list.add(shape(Case.test("long"), 2, 40, 16, 30, 2, 2, 32));
    list.add(shape(Case.test("halves"), 3, 9, 16, 4, 2, 2, 64).halves("keys", "values"));
    list.add(shape(Case.test("odd halves"), 2, 5, 7, 3, 3, 3, 17).halves("keys", "values"));
    list.add(shape(Case.test("wide halves"), 1, 4, 32, 3, 1, 1, 130).halves("keys", "values"));
    list.add(shape(Case.test("grouped halves"), 2, 6, 8, 5, 6, 2, 16).halves("keys", "values"));
    list.add(shape(Case.model("greedy"), 1, 54, 16, 54, 20, 20, 64));
    list.add(shape(Case.model("long context"), 1, 107, 16, 107, 20, 20, 64));
    list.add(shape(Case.model("beams"), 3, 160, 16, 54, 20, 20, 64));
    list.add(shape(Case.model("beams, halves"), 3, 160, 16, 54, 20, 20, 64).halves("keys", "values"));
    list.add(shape(Case.model("batch"), 8, 432, 16, 54, 20, 20, 64));
  }

  private static Case shape(Case c, int batch, int cacheBlocks, int blockSize, int blocks, int heads, int kvHeads, int d) {
    return c.dim("batch", batch).dim("width", heads * d).dim("slots", cacheBlocks * blockSize).dim("kv_width", kvHeads * d).dim("blocks", blocks)
        .with("block_size", blockSize).with("heads", heads).with("kv_heads", kvHeads).with("scale", (float) (1 / Math.sqrt(d)));
  }
}
