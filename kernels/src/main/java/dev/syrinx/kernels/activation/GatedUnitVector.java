package dev.syrinx.kernels.activation;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.addressOrZero;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.VectorMath;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Vector body of {@link GatedUnit}: one loop for each gate, for the reason that {@link ActivationVector} gives. */
final class GatedUnitVector {
  private GatedUnitVector() {}

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int d = a.dim("d");
    int gate = a.i32("gate");
    long shift = addressOrZero(a, "shift");
    long shift2 = shift == 0 ? 0 : shift + d * 4L;
    for (int t = begin; t < end; t++) {
      long x = address(a, "x") + t * a.stride("x") * 4;
      long y = address(a, "y") + t * a.stride("y") * 4;
      switch (gate) {
        case 0 -> glu(x, shift, x + d * 4L, shift2, y, d);
        case 1 -> geglu(x, shift, x + d * 4L, shift2, y, d);
        case 2 -> swiglu(x, shift, x + d * 4L, shift2, y, d);
        default -> tanh(x, shift, x + d * 4L, shift2, y, d);
      }
    }
  }

  /** x + shift; a shift of 0 is none. */
  private static FloatVector input(long x, long shift, long offset, VectorMask<Float> mask) {
    FloatVector v = load(x + offset, mask);
    return shift == 0 ? v : v.add(load(shift + offset, mask));
  }

  private static void glu(long first, long shift1, long second, long shift2, long y, int d) {
    for (int i = 0; i < d; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, d);
      FloatVector gate = ActivationVector.sigmoid(input(second, shift2, i * 4L, mask));
      store(input(first, shift1, i * 4L, mask).mul(gate), y + i * 4L, mask);
    }
  }

  private static void geglu(long first, long shift1, long second, long shift2, long y, int d) {
    for (int i = 0; i < d; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, d);
      FloatVector gate = ActivationVector.geluErf(input(second, shift2, i * 4L, mask));
      store(input(first, shift1, i * 4L, mask).mul(gate), y + i * 4L, mask);
    }
  }

  private static void swiglu(long first, long shift1, long second, long shift2, long y, int d) {
    for (int i = 0; i < d; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, d);
      FloatVector gate = ActivationVector.silu(input(first, shift1, i * 4L, mask));
      store(gate.mul(input(second, shift2, i * 4L, mask)), y + i * 4L, mask);
    }
  }

  private static void tanh(long first, long shift1, long second, long shift2, long y, int d) {
    for (int i = 0; i < d; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, d);
      FloatVector gate = ActivationVector.sigmoid(input(second, shift2, i * 4L, mask));
      store(VectorMath.tanh(input(first, shift1, i * 4L, mask)).mul(gate), y + i * 4L, mask);
    }
  }
}
