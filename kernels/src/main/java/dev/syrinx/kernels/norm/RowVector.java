package dev.syrinx.kernels.norm;

import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** One row of n floats: sums in a fixed order, and the affine map that all norms end with. Buffers by address. */
final class RowVector {
  private static final long STEP = LANES * 4L;

  private RowVector() {}

  /** Σ x. Four chains hide the latency of the addition. */
  static float sum(long x, int n) {
    FloatVector a = FloatVector.zero(F), b = a, c = a, d = a;
    int i = 0;
    for (; i <= n - 4 * LANES; i += 4 * LANES) {
      long o = x + i * 4L;
      a = a.add(load(o));
      b = b.add(load(o + STEP));
      c = c.add(load(o + 2 * STEP));
      d = d.add(load(o + 3 * STEP));
    }
    for (; i <= n - LANES; i += LANES) {
      a = a.add(load(x + i * 4L));
    }
    if (i < n) {
      b = b.add(load(x + i * 4L, F.indexInRange(i, n)));
    }
    return VectorMath.sum(a.add(b).add(c.add(d)));
  }

  /** Σ (x − centre)². */
  static float squares(long x, int n, float centre) {
    FloatVector m = FloatVector.broadcast(F, centre);
    FloatVector a = FloatVector.zero(F), b = a, c = a, d = a;
    int i = 0;
    for (; i <= n - 4 * LANES; i += 4 * LANES) {
      long o = x + i * 4L;
      FloatVector va = load(o).sub(m);
      FloatVector vb = load(o + STEP).sub(m);
      FloatVector vc = load(o + 2 * STEP).sub(m);
      FloatVector vd = load(o + 3 * STEP).sub(m);
      a = va.fma(va, a);
      b = vb.fma(vb, b);
      c = vc.fma(vc, c);
      d = vd.fma(vd, d);
    }
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = load(x + i * 4L).sub(m);
      a = v.fma(v, a);
    }
    if (i < n) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector v = load(x + i * 4L, mask).sub(m, mask); // lanes outside stay zero
      b = v.fma(v, b);
    }
    return VectorMath.sum(a.add(b).add(c.add(d)));
  }

  /** y = (x − centre) · factor · weight + bias; weight and bias may be 0 for none. */
  static void finish(long x, float centre, float factor, long weight, long bias, long y, int n) {
    FloatVector m = FloatVector.broadcast(F, centre);
    FloatVector f = FloatVector.broadcast(F, factor);
    FloatVector zero = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector gain = weight == 0 ? f : load(weight + i * 4L).mul(f);
      FloatVector shift = bias == 0 ? zero : load(bias + i * 4L);
      store(load(x + i * 4L).sub(m).fma(gain, shift), y + i * 4L);
    }
    if (i < n) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector gain = weight == 0 ? f : load(weight + i * 4L, mask).mul(f);
      FloatVector shift = bias == 0 ? zero : load(bias + i * 4L, mask);
      store(load(x + i * 4L, mask).sub(m).fma(gain, shift), y + i * 4L, mask);
    }
  }
}
