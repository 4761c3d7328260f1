package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.activation.ActivationVector;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** What follows the sums: scale, bias, activation, factor, residual, store. */
final class Epilogue {
  private Epilogue() {}

  static void finish(Arguments a, int batch, int row0, int count, int n0, MemorySegment sums) {
    int width = Math.min(Panels.WIDTH, a.dim("n") - n0);
    MemorySegment y = a.segment("y");
    MemorySegment scale = a.has("scale") ? a.segment("scale") : null;
    MemorySegment bias = a.has("bias") ? a.segment("bias") : null;
    MemorySegment residual = a.has("residual") ? a.segment("residual") : null;
    int activation = a.i32("activation");
    float alpha = a.f32("alpha");
    for (int row = 0; row < count; row++) {
      long y0 = ((long) batch * a.i32("y_batch") + (long) (row0 + row) * a.i32("y_row") + n0) * 4;
      long s0 = (long) row * Panels.WIDTH * 4;
      for (int j = 0; j < width; j += LANES) {
        VectorMask<Float> mask = F.indexInRange(j, width);
        FloatVector v = FloatVector.fromMemorySegment(F, sums, s0 + j * 4L, LITTLE_ENDIAN);
        if (scale != null) {
          v = v.mul(FloatVector.fromMemorySegment(F, scale, (n0 + j) * 4L, LITTLE_ENDIAN, mask));
        }
        if (bias != null) {
          v = v.add(FloatVector.fromMemorySegment(F, bias, (n0 + j) * 4L, LITTLE_ENDIAN, mask));
        }
        v = ActivationVector.apply(activation, v);
        if (alpha != 1f) {
          v = v.mul(alpha);
        }
        if (residual != null) {
          v = v.add(FloatVector.fromMemorySegment(F, residual, y0 + j * 4L, LITTLE_ENDIAN, mask));
        }
        v.intoMemorySegment(y, y0 + j * 4L, LITTLE_ENDIAN, mask);
      }
    }
  }
}
