package dev.syrinx.kernels.sample;

import static dev.syrinx.kernels.Param.f32;
import static dev.syrinx.kernels.Param.inout;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;

/** Scores over temperature: above 1 flatter, below 1 sharper. */
public final class Temperature {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("sample", "temperature", "x[r,c] = x[r,c] / temperature")
          .params(inout("x", "rows", "d"), f32("temperature"))
          .tolerance(Tolerance.exact())
          .require(Temperature::check)
          .cases(list -> Shapes.rowsWith(list, "temperature", 0.8f))
          .variant(Variant.reference(a -> a.dim("rows"), Temperature::reference))
          .cuda(SampleCuda.elements("temperature"))
          .build();

  private Temperature() {}

  private static void check(Arguments a) {
    if (!(a.f32("temperature") > 0)) {
      throw new KernelArgumentException("temperature", "temperature", "must be positive, is " + a.f32("temperature"));
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    MemorySegment x = a.segment("x");
    float temperature = a.f32("temperature");
    int d = a.dim("d");
    for (int r = begin; r < end; r++) {
      long from = r * a.stride("x");
      for (int c = 0; c < d; c++) {
        Cells.set(x, from + c, Cells.get(x, from + c) / temperature);
      }
    }
  }
}
