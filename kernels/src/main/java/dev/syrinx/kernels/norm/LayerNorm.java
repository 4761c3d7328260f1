package dev.syrinx.kernels.norm;

import static dev.syrinx.kernels.Param.f32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;

/** Layer normalisation (Ba, Kiros, Hinton 2016) of each row, with the biased variance. */
public final class LayerNorm {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("norm", "layer_norm", "y[t,c] = (x[t,c] − mean(x[t])) / sqrt(var(x[t]) + eps) · weight[c] + bias[c]")
          .params(in("x", "t", "c"), in("weight", "c").orAbsent(), in("bias", "c").orAbsent(), out("y", "t", "c").orHalf(), f32("eps"))
          .inPlace("x")
          .cost(a -> new Cost(8.0 * a.dim("t") * a.dim("c"), 8.0 * a.dim("t") * a.dim("c")))
          .tolerance(Tolerance.reduction(1, a -> a.dim("c")))
          .cases(list -> NormCases.rows(list, 1e-5f))
          .cases(list -> NormCases.halves(list, 1e-5f))
          .variant(Variant.reference(a -> a.dim("t"), LayerNorm::reference))
          .variant(Variant.vector(a -> a.dim("t"), (a, begin, end, scratch) -> LayerNormVector.run(a, begin, end, scratch)))
          .cudaHalf(CudaVariant.of("norm/layer_norm", (a, gpu) -> NormPlan.rows("layer_norm", a, gpu)).beginningEarly())
          .build();

  private LayerNorm() {}

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int c = a.dim("c");
    for (int t = begin; t < end; t++) {
      double mean = 0;
      for (int i = 0; i < c; i++) {
        mean += at(a, t, i) / c;
      }
      double variance = 0;
      for (int i = 0; i < c; i++) {
        variance += (at(a, t, i) - mean) * (at(a, t, i) - mean) / c;
      }
      double factor = 1 / Math.sqrt(variance + a.f32("eps"));
      for (int i = 0; i < c; i++) {
        double weight = a.has("weight") ? Cells.get(a.segment("weight"), i) : 1;
        double bias = a.has("bias") ? Cells.get(a.segment("bias"), i) : 0;
        a.setReal("y", t * a.stride("y") + i, (at(a, t, i) - mean) * factor * weight + bias);
      }
    }
  }

  private static double at(Arguments a, int t, int i) {
    return Cells.get(a.segment("x"), t * a.stride("x") + i);
  }
}
