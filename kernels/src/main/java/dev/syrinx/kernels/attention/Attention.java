package dev.syrinx.kernels.attention;

import static dev.syrinx.kernels.Param.f32;
import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import dev.syrinx.kernels.View;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Multi-head attention over whole sequences (Vaswani et al. 2017). Heads are runs of columns; several query heads may share a key head.
 *
 * <p>Query i sees the keys j of [first_key, last_key) with, if causal, j ≤ i + past. A query that sees none gives zeros. The relative term
 * {@code relative[i, h·span + clamp(j − i, −left, span − 1 − left) + left]} is added to q·k before the scale. Rows of several sequences of
 * the same length lie one below the other; queries and keys count within their sequence.
 */
public final class Attention {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("attention", "attention",
              "y[i,h] = Σ_j softmax_j(scale · (q[i,h]·k[j,g] + relative[i,h,j−i])) · v[j,g], g = key head of h")
          .params(
              in("q", "tq", "q_width").orHalf(), in("k", "tk", "k_width").orHalf(), in("v", "tk", "v_width").orHalf(),
              in("relative", "tq", "relative_width").orAbsent(),
              out("y", "tq", "y_width").orHalf(), i32("heads"), i32("kv_heads"), f32("scale"), i32("causal"), i32("past"), i32("first_key"),
              i32("last_key"),
              i32("left"), i32("batch"))
          .cost(Attention::cost)
          // Twice: the scores' rounding passes through the exponential, the output is an average over the keys.
          .tolerance(Tolerance.reduction(2, a -> a.dim("q_width") / a.i32("heads") + a.dim("tk")))
          .require(Attention::check)
          .cases(AttentionCases::fill)
          .variant(Variant.reference(a -> a.dim("tq") * a.i32("heads"), Attention::reference)
              .withScratch(a -> 8L * Math.max(1, a.dim("tk"))))
          .variant(
              Variant.vector(a -> AttentionVector.units(a), (a, begin, end, scratch) -> AttentionVector.run(a, begin, end, scratch))
                  .withScratch(a -> AttentionVector.scratchBytes(a)))
          .cuda(AttentionCuda.flash())
          .cudaHalf(AttentionCuda.flashHalf())
          .cuda(AttentionCuda.naive())
          .build();

  private Attention() {}

  /** Keys below the diagonal count half when causal. */
  private static Cost cost(Arguments a) {
    double keys = Math.max(0, a.i32("last_key") - a.i32("first_key"));
    double pairs = (double) a.dim("tq") * (a.i32("causal") != 0 ? Math.min(keys, a.i32("past") + (a.dim("tq") + 1) / 2.0) : keys);
    double buffers = (double) a.dim("tq") * (a.dim("q_width") + a.dim("y_width")) + keys * (a.dim("k_width") + a.dim("v_width"));
    return new Cost(
        4 * (buffers + (a.has("relative") ? (double) a.dim("tq") * a.dim("relative_width") : 0)),
        2 * pairs * (a.dim("q_width") + a.dim("y_width")));
  }

  /** One sequence of a call. */
  static Arguments sequence(Arguments a, int index) {
    int batch = a.i32("batch");
    Arguments one = a.copy().set("batch", 1);
    for (String name : List.of("q", "k", "v", "y", "relative")) {
      if (a.has(name)) {
        one.set(name, rows(a.view(name), index, batch));
      }
    }
    return one.checked();
  }

  private static View rows(View all, int index, int batch) {
    int[] shape = all.shape();
    shape[0] /= batch;
    long offset = index * shape[0] * all.rowStride() * all.dtype().bytes();
    return View.strided(all.segment().asSlice(offset), all.dtype(), all.rowStride(), shape);
  }

  private static void check(Arguments a) {
    int batch = a.i32("batch");
    if (batch < 1 || a.dim("tq") % batch != 0 || a.dim("tk") % batch != 0) {
      throw new KernelArgumentException(
          "attention", "batch", "is " + batch + ", which does not divide " + a.dim("tq") + " queries and " + a.dim("tk") + " keys");
    }
    int heads = a.i32("heads");
    int kvHeads = a.i32("kv_heads");
    if (heads < 1 || kvHeads < 1 || heads % kvHeads != 0) {
      throw new KernelArgumentException("attention", "kv_heads", "is " + kvHeads + " for " + heads + " query heads; it must divide them");
    }
    divides(a, "q", a.dim("q_width"), heads);
    divides(a, "v", a.dim("v_width"), kvHeads);
    same(a, "k", a.dim("k_width"), a.dim("q_width") / heads * kvHeads);
    same(a, "y", a.dim("y_width"), a.dim("v_width") / kvHeads * heads);
    if (a.i32("first_key") < 0 || a.i32("last_key") > a.dim("tk") / batch) {
      throw new KernelArgumentException(
          "attention", "last_key", "masks outside [" + a.i32("first_key") + ", " + a.i32("last_key") + ") of " + a.dim("tk") + " keys");
    }
    if (a.has("relative")) {
      divides(a, "relative", a.dim("relative_width"), heads);
      int span = a.dim("relative_width") / heads;
      if (a.i32("left") < 0 || a.i32("left") >= span) {
        throw new KernelArgumentException(
            "attention", "left", "is " + a.i32("left") + ", outside the relative term's " + span + " columns per head");
      }
    }
  }

  private static void divides(Arguments a, String param, int width, int heads) {
    if (width % heads != 0) {
      throw new KernelArgumentException(a.spec().name(), param, "has " + width + " columns, which " + heads + " heads do not divide");
    }
  }

  private static void same(Arguments a, String param, int width, int want) {
    if (width != want) {
      throw new KernelArgumentException(a.spec().name(), param, "has " + width + " columns instead of " + want);
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int heads = a.i32("heads");
    int each = a.dim("tq") / a.i32("batch");
    for (int unit = begin; unit < end; unit++) {
      int i = unit / heads;
      row(a.i32("batch") == 1 ? a : sequence(a, i / each), i % each, unit % heads, scratch);
    }
  }

  /** One query of one head; {@code weights} holds a double for each key. */
  private static void row(Arguments a, int i, int head, MemorySegment weights) {
    int from = a.i32("first_key");
    int to = a.i32("causal") != 0 ? Math.min(a.i32("last_key"), i + a.i32("past") + 1) : a.i32("last_key");
    double most = Double.NEGATIVE_INFINITY;
    for (int j = from; j < to; j++) {
      double score = a.f32("scale") * (dot(a, i, j, head) + relative(a, i, j, head));
      weights.setAtIndex(JAVA_DOUBLE, j, score);
      most = Math.max(most, score);
    }
    double sum = 0;
    for (int j = from; j < to; j++) {
      double weight = Math.exp(weights.getAtIndex(JAVA_DOUBLE, j) - most);
      weights.setAtIndex(JAVA_DOUBLE, j, weight);
      sum += weight;
    }
    int dv = a.dim("v_width") / a.i32("kv_heads");
    long group = head / (a.i32("heads") / a.i32("kv_heads"));
    for (int c = 0; c < dv; c++) {
      double value = 0;
      for (int j = from; j < to; j++) {
        value += weights.getAtIndex(JAVA_DOUBLE, j) * a.real("v", j * a.stride("v") + group * dv + c);
      }
      a.setReal("y", i * a.stride("y") + (long) head * dv + c, to <= from ? 0 : value / sum);
    }
  }

  private static double dot(Arguments a, int i, int j, int head) {
    int d = a.dim("q_width") / a.i32("heads");
    long group = head / (a.i32("heads") / a.i32("kv_heads"));
    double sum = 0;
    for (int c = 0; c < d; c++) {
      sum += (double) a.real("q", i * a.stride("q") + (long) head * d + c)
          * a.real("k", j * a.stride("k") + group * d + c);
    }
    return sum;
  }

  private static double relative(Arguments a, int i, int j, int head) {
    if (!a.has("relative")) {
      return 0;
    }
    int span = a.dim("relative_width") / a.i32("heads");
    int left = a.i32("left");
    return Cells.get(
        a.segment("relative"), i * a.stride("relative") + (long) head * span + Math.clamp(j - i, -left, span - 1 - left) + left);
  }
}
