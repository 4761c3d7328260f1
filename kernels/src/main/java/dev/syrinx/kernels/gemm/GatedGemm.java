package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;
import static dev.syrinx.kernels.Param.weight;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import dev.syrinx.kernels.activation.Gate;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A product ({@link Gemm}, with its strides) followed by the gated unit over the halves of its columns, in one pass. */
public final class GatedGemm {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("gemm", "gated_gemm", "y[b,m,c] = gate(p[b,m,c], p[b,m,d+c]), p[b,m,n] = Σ x[b,m,k]·w[n,k] + bias[n] + shift[n]")
          .params(
              in("x", "x_extent").orHalf(), weight("w", "2d", "k"), in("bias", "2d").orAbsent(), in("shift", "2d").orAbsent(), out("y", "y_extent").orHalf(),
              i32("batch"), i32("rows"), i32("taps"), i32("x_row"), i32("x_tap"), i32("x_batch"), i32("y_row"), i32("y_batch"), i32("gate"))
          .dtypes(DType.F32, DType.F16)
          .cost(GatedGemm::cost)
          // Four times: the product of two functions carries the rounding of both sums.
          .tolerance(Tolerance.reduction(4, a -> a.dim("k")))
          .require(GatedGemm::check)
          .cases(GatedGemm::cases)
          .variant(Variant.reference(a -> a.i32("batch") * a.i32("rows"), GatedGemm::reference))
          .cudaHalf(GatedGemmCuda.variant())
          .build();

  private GatedGemm() {}

  private static Cost cost(Arguments a) {
    double outputs = (double) a.i32("batch") * a.i32("rows") * a.dim("2d") / 2;
    double weights = (double) a.dim("2d") * a.dim("k") * a.dtype("w").bytes();
    return new Cost(weights + (double) a.dtype("x").bytes() * a.dim("x_extent") + outputs * a.dtype("y").bytes(), 4 * outputs * a.dim("k"));
  }

  private static void check(Arguments a) {
    int taps = a.i32("taps");
    if (taps < 1 || a.dim("k") % taps != 0) {
      throw new KernelArgumentException("gated_gemm", "taps", "is " + taps + ", which does not divide k=" + a.dim("k"));
    }
    if (a.dim("2d") % 2 != 0) {
      throw new KernelArgumentException("gated_gemm", "w", "has " + a.dim("2d") + " rows, which are no two halves");
    }
    long lastX = last(a, "x_batch", "x_row") + (long) (taps - 1) * a.i32("x_tap") + a.dim("k") / taps;
    long lastY = last(a, "y_batch", "y_row") + a.dim("2d") / 2;
    if (lastX > a.dim("x_extent") || lastY > a.dim("y_extent")) {
      throw new KernelArgumentException(
          "gated_gemm", lastX > a.dim("x_extent") ? "x" : "y",
          "is too short: the strides reach " + lastX + " of " + a.dim("x_extent") + " elements of x and " + lastY + " of " + a.dim("y_extent") + " of y");
    }
  }

  private static long last(Arguments a, String batchStride, String rowStride) {
    return (a.i32("batch") - 1L) * a.i32(batchStride) + (a.i32("rows") - 1L) * a.i32(rowStride);
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int rows = a.i32("rows");
    int d = a.dim("2d") / 2;
    Gate gate = Gate.of(a.i32("gate"));
    for (int unit = begin; unit < end; unit++) {
      long x = (long) (unit / rows) * a.i32("x_batch") + (long) (unit % rows) * a.i32("x_row");
      long y = (long) (unit / rows) * a.i32("y_batch") + (long) (unit % rows) * a.i32("y_row");
      for (int c = 0; c < d; c++) {
        a.setReal("y", y + c, gate.apply(sum(a, x, c), sum(a, x, d + c)));
      }
    }
  }

  private static double sum(Arguments a, long x, int n) {
    int run = a.dim("k") / a.i32("taps");
    double sum = (a.has("bias") ? Cells.get(a.segment("bias"), n) : 0.0) + (a.has("shift") ? Cells.get(a.segment("shift"), n) : 0.0);
    for (int k = 0; k < a.dim("k"); k++) {
      long at = x + (long) (k / run) * a.i32("x_tap") + k % run;
      sum += (double) Cells.get(a.segment("x"), a.dtype("x"), at) * Gemm.element(a.segment("w"), a.dtype("w"), n * a.stride("w") + k);
    }
    return sum;
  }

  private static void cases(List<Case> list) {
    for (Gate gate : Gate.values()) {
      list.add(shape(Case.test("linear"), gate, 1, 3 + gate.id(), 9, 17, 1, 1));
    }
    list.add(shape(Case.test("convolution"), Gate.TANH, 2, 11, 5, 8, 3, 2));
    list.add(shape(Case.test("halves"), Gate.SWIGLU, 1, 140, 72, 40, 1, 1).without("shift").halves("x", "y"));
    list.add(shape(Case.test("halves"), Gate.GEGLU, 1, 5, 24, 16, 1, 1).without("bias").halves("x", "y"));
    list.add(shape(Case.test("half convolution"), Gate.TANH, 2, 70, 20, 32, 3, 1).halves("x", "y"));
    list.add(shape(Case.model("feed forward"), Gate.SWIGLU, 1, 2582, 1536, 512, 1, 1).without("shift", "bias").halves("x", "y"));
    list.add(shape(Case.model("feed forward of a tail"), Gate.SWIGLU, 1, 1754, 1536, 512, 1, 1).without("shift", "bias").halves("x", "y"));
    for (int rows : new int[] {877, 1100, 1740}) { // a tile size each
      list.add(shape(Case.model("wavenet"), Gate.TANH, 2, rows, 512, 512, 5, 1).halves("x", "y"));
    }
  }

  /** d outputs of each row; a convolution over time without padding of its own, or a linear layer. */
  private static Case shape(Case c, Gate gate, int batch, int rows, int d, int channels, int taps, int dilation) {
    int apart = (rows + (taps - 1) * dilation) * channels;
    return c.with("gate", gate.id()).with("batch", batch).with("rows", rows).with("taps", taps).with("x_row", channels).with("x_tap", dilation * channels)
        .with("x_batch", apart).with("y_row", d + 4).with("y_batch", rows * (d + 4)).dim("x_extent", batch * apart).dim("y_extent", batch * rows * (d + 4))
        .dim("2d", 2 * d).dim("k", taps * channels);
  }
}
