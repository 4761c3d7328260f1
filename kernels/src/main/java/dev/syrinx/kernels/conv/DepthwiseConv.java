package dev.syrinx.kernels.conv;

import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Depthwise convolution over time with stride 1 and zeros outside: the conformers', w2v-BERT's (left = 30, causal) and ConvNeXt's. */
public final class DepthwiseConv {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("conv", "depthwise_conv", "y[r,c] = Σ_j w[j,c] · x[r + j − left, c] + bias[c], x = 0 outside")
          .params(in("x", "t", "c"), in("w", "taps", "c"), in("bias", "c").orAbsent(), out("y", "count", "c"), i32("left"))
          .cost(DepthwiseConv::cost)
          .tolerance(Tolerance.reduction(1, a -> a.dim("taps")))
          .cases(DepthwiseConv::cases)
          .variant(Variant.reference(a -> a.dim("count"), DepthwiseConv::reference))
          .variant(Variant.vector(a -> a.dim("count"), (a, begin, end, scratch) -> DepthwiseConvVector.run(a, begin, end, scratch)))
          .cuda(CudaVariant.of("conv/depthwise_conv", (a, gpu) -> launches(a)))
          .build();

  /** Rows of a CUDA thread. */
  private static final int CUDA_ROWS = 8;

  private DepthwiseConv() {}

  private static List<Launch> launches(Arguments a) {
    long threads = (long) Math.ceilDiv(a.dim("count"), CUDA_ROWS) * a.dim("c");
    return threads == 0 ? List.of() : List.of(Launch.row("depthwise_conv", Launch.blocks(threads, 128), 128));
  }

  private static Cost cost(Arguments a) {
    double outputs = (double) a.dim("count") * a.dim("c");
    return new Cost(4 * outputs + 4.0 * a.dim("t") * a.dim("c") + 4.0 * a.dim("taps") * a.dim("c"), 2 * outputs * a.dim("taps"));
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    for (int r = begin; r < end; r++) {
      int first = r - a.i32("left");
      int from = Math.max(0, -first);
      int to = Math.min(a.dim("taps"), a.dim("t") - first);
      for (int c = 0; c < a.dim("c"); c++) {
        double sum = a.has("bias") ? Cells.get(a.segment("bias"), c) : 0;
        for (int j = from; j < to; j++) {
          sum += (double) Cells.get(a.segment("w"), j * a.stride("w") + c) * Cells.get(a.segment("x"), (first + j) * a.stride("x") + c);
        }
        Cells.set(a.segment("y"), r * a.stride("y") + c, sum);
      }
    }
  }

  private static void cases(List<Case> list) {
    list.add(shape(Case.test("one"), 1, 1, 1, 0, 1));
    list.add(shape(Case.test("centred"), 29, 33, 7, 3, 29));
    list.add(shape(Case.test("causal"), 40, 64, 31, 30, 40).without("bias"));
    list.add(shape(Case.test("conformer"), 21, 130, 15, 7, 21));
    list.add(shape(Case.test("shorter than taps"), 4, 17, 15, 7, 4));
    list.add(shape(Case.test("valid"), 12, 20, 5, 0, 8));
    list.add(shape(Case.test("beyond"), 3, 16, 2, 5, 12));
    list.add(shape(Case.model("w2v-BERT"), 749, 1024, 31, 30, 749).without("bias"));
    list.add(shape(Case.model("conformer"), 374, 512, 15, 7, 374));
    list.add(shape(Case.model("codec"), 749, 384, 7, 3, 749));
  }

  private static Case shape(Case c, int t, int columns, int taps, int left, int count) {
    return c.dim("t", t).dim("c", columns).dim("taps", taps).dim("count", count).with("left", left);
  }
}
