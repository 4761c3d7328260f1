package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.addressOrZero;
import static dev.syrinx.kernels.Memory.get;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.set;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.activation.ActivationVector;
import jdk.incubator.vector.FloatVector;

/**
 * What follows the sums: scale, bias, activation, factor, residual, store. One pass over a row for each, because activations have loops of
 * their own.
 */
final class Epilogue {
  private Epilogue() {}

  static void finish(Arguments a, int batch, int row0, int count, int n0, long sums) {
    int width = Math.min(Panels.WIDTH, a.dim("n") - n0);
    long y = address(a, "y");
    long scale = addressOrZero(a, "scale");
    long bias = addressOrZero(a, "bias");
    long residual = addressOrZero(a, "residual");
    int activation = a.i32("activation");
    float alpha = a.f32("alpha");
    long yRow = a.i32("y_row");
    long y1 = (long) batch * a.i32("y_batch") + row0 * yRow + n0;
    for (int row = 0; row < count; row++) {
      long y0 = (y1 + row * yRow) * 4;
      long s0 = sums + (long) row * Panels.WIDTH * 4;
      if (activation != 0) {
        affine(s0, scale == 0 ? 0 : scale + n0 * 4L, bias == 0 ? 0 : bias + n0 * 4L, 1f, 0, s0, width);
        ActivationVector.run(activation, s0, (width + LANES - 1) & -LANES); // the sums are padded to whole vectors
        affine(s0, 0, 0, alpha, residual == 0 ? 0 : residual + y0, y + y0, width);
      } else {
        affine(
            s0, scale == 0 ? 0 : scale + n0 * 4L, bias == 0 ? 0 : bias + n0 * 4L, alpha, residual == 0 ? 0 : residual + y0, y + y0, width);
      }
    }
  }

  /** y = (x · scale + bias) · alpha + residual; addresses of 0 are absent terms. Columns that fill no vector go one by one: masks would double what C2 has to compile. */
  private static void affine(long x, long scale, long bias, float alpha, long residual, long y, int width) {
    int whole = width & -LANES;
    for (int j = 0; j < whole; j += LANES) {
      FloatVector v = load(x + j * 4L);
      if (scale != 0) {
        v = v.mul(load(scale + j * 4L));
      }
      if (bias != 0) {
        v = v.add(load(bias + j * 4L));
      }
      if (alpha != 1f) {
        v = v.mul(alpha);
      }
      if (residual != 0) {
        v = v.add(load(residual + j * 4L));
      }
      store(v, y + j * 4L);
    }
    for (int j = whole; j < width; j++) {
      long o = j * 4L;
      float v = get(x + o) * (scale == 0 ? 1f : get(scale + o)) + (bias == 0 ? 0f : get(bias + o));
      v = v * alpha + (residual == 0 ? 0f : get(residual + o));
      set(y + o, v);
    }
  }
}
