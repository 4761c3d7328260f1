package dev.syrinx.kernels.norm;

import static dev.syrinx.kernels.Param.f32;
import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import dev.syrinx.kernels.activation.Activation;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Group normalisation (Wu, He 2018) with one group: mean and biased variance over all rows and columns, then gain, shift and activation.
 *
 * <p>Units are rows. Each run of a body computes the statistics of everything again, always in the same order: whatever the split, the same
 * bytes.
 */
public final class GroupNorm {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("norm", "group_norm", "y[t,c] = act((x[t,c] − mean(x)) / sqrt(var(x) + eps) · weight[c] + bias[c])")
          .params(
              in("x", "t", "c"), in("weight", "c").orAbsent(), in("bias", "c").orAbsent(), out("y", "t", "c"), f32("eps"),
              i32("activation"))
          .cost(a -> new Cost(8.0 * a.dim("t") * a.dim("c"), 8.0 * a.dim("t") * a.dim("c")))
          // Twice: GELU and Mish multiply the rounding of their inner function.
          .tolerance(Tolerance.reduction(2, a -> (long) a.dim("t") * a.dim("c")))
          .cases(GroupNorm::cases)
          .variant(Variant.reference(a -> a.dim("t"), GroupNorm::reference))
          .variant(Variant.vector(a -> a.dim("t"), (a, begin, end, scratch) -> GroupNormVector.run(a, begin, end, scratch))
              .withScratch(a -> 64))
          .cuda(CudaVariant.of("norm/group_norm", GroupNorm::launches).withScratch(a -> 16L * parts(a)))
          .build();

  private GroupNorm() {}

  /**
   * Parts whose sums the first launch leaves in scratch memory: at least 1024 times four columns each, at most 256, as in group_norm.cu.
   */
  private static int parts(Arguments a) {
    long quads = (long) a.dim("t") * Math.ceilDiv(a.dim("c"), 4);
    return Math.toIntExact(Math.ceilDiv(quads, Math.max(1024, Math.ceilDiv(quads, 256L))));
  }

  private static List<Launch> launches(Arguments a, Gpu gpu) {
    List<Launch> launches = new ArrayList<>(Launch.overQuads("group_norm", a.dim("t"), a.dim("c"), gpu));
    if (!launches.isEmpty()) {
      launches.addFirst(Launch.row("group_norm_sums", parts(a), 256));
    }
    return launches;
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int c = a.dim("c");
    int rows = a.dim("t");
    double count = (double) rows * c;
    double mean = 0;
    for (int t = 0; t < rows; t++) {
      for (int i = 0; i < c; i++) {
        mean += at(a, t, i) / count;
      }
    }
    double variance = 0;
    for (int t = 0; t < rows; t++) {
      for (int i = 0; i < c; i++) {
        variance += (at(a, t, i) - mean) * (at(a, t, i) - mean) / count;
      }
    }
    double factor = 1 / Math.sqrt(variance + a.f32("eps"));
    for (int t = begin; t < end; t++) {
      finish(a, t, mean, factor);
    }
  }

  private static void finish(Arguments a, int t, double mean, double factor) {
    Activation activation = Activation.of(a.i32("activation"));
    for (int i = 0; i < a.dim("c"); i++) {
      double weight = a.has("weight") ? Cells.get(a.segment("weight"), i) : 1;
      double bias = a.has("bias") ? Cells.get(a.segment("bias"), i) : 0;
      Cells.set(a.segment("y"), t * a.stride("y") + i, activation.apply((at(a, t, i) - mean) * factor * weight + bias));
    }
  }

  private static double at(Arguments a, int t, int i) {
    return Cells.get(a.segment("x"), t * a.stride("x") + i);
  }

  private static void cases(List<Case> list) {
    int[][] shapes = {{1, 1}, {1, 17}, {9, 33}, {20, 64}, {7, 130}, {3, 1025}};
    for (int[] s : shapes) {
      list.add(shape(Case.test("rows"), s[0], s[1]).with("activation", s[0] % 8));
    }
    list.add(shape(Case.test("bare"), 3, 33).with("activation", 0).without("weight", "bias"));
    list.add(shape(Case.test("mish"), 40, 24).with("activation", Activation.MISH.id()));
    list.add(shape(Case.model("regulator"), 1291, 512).with("activation", Activation.MISH.id()));
  }

  private static Case shape(Case c, int t, int columns) {
    return NormCases.shape(c, t, columns, 1e-5f);
  }
}
