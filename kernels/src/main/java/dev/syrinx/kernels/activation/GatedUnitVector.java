package dev.syrinx.kernels.activation;

import static dev.syrinx.kernels.Memory.ALL;
import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.addressOrZero;
import static dev.syrinx.kernels.Memory.copy;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.VectorMath;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Vector body of {@link GatedUnit}: one loop for each gate, for the reason that {@link ActivationVector} gives. */
final class GatedUnitVector {
  private static final FloatVector ONE = FloatVector.broadcast(F, 1f);
  private static final FloatVector MOST = FloatVector.broadcast(F, 20f);
  private static final FloatVector LEAST = FloatVector.broadcast(F, -20f);

  private GatedUnitVector() {}

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int d = a.dim("d");
    int whole = d & -LANES;
    int gate = a.i32("gate");
    long shift = addressOrZero(a, "shift");
    long x0 = address(a, "x");
    long y0 = address(a, "y");
    long xRow = a.stride("x") * 4;
    long yRow = a.stride("y") * 4;
    for (int t = begin; t < end; t++) {
      long x = x0 + t * xRow;
      long y = y0 + t * yRow;
      run(gate, x, shift, d * 4L, y, whole);
      if (whole < d) {
        tail(gate, x, shift, d, y, whole, scratch.address());
      }
    }
  }

  /** Columns that fill no vector, moved to where there is room for one: {@code spare} is five vectors. */
  private static void tail(int gate, long x, long shift, int d, long y, int whole, long spare) {
    int n = d - whole;
    copy(x + whole * 4L, spare, n);
    copy(x + (d + whole) * 4L, spare + LANES * 4L, n);
    long shifts = shift == 0 ? 0 : spare + LANES * 8L;
    if (shift != 0) {
      copy(shift + whole * 4L, shifts, n);
      copy(shift + (d + whole) * 4L, shifts + LANES * 4L, n);
    }
    run(gate, spare, shifts, LANES * 4L, spare + LANES * 16L, LANES);
    copy(spare + LANES * 16L, y + whole * 4L, n);
  }

  /** {@code n} columns, whole vectors; the second half lies {@code second} bytes behind the first. A shift of 0 is none. */
  private static void run(int gate, long x, long shift, long second, long y, int n) {
    switch (gate) {
      case 0 -> glu(x, shift, second, y, n);
      case 1 -> geglu(x, shift, second, y, n);
      case 2 -> swiglu(x, shift, second, y, n);
      default -> tanh(x, shift, second, y, n);
    }
  }

  private static FloatVector input(long x, long shift, long offset) {
    return shift == 0 ? load(x + offset) : load(x + offset).add(load(shift + offset));
  }

  private static void glu(long x, long shift, long second, long y, int n) {
    for (long o = 0; o < n * 4L; o += LANES * 4L) {
      FloatVector gate = ActivationVector.sigmoid(input(x, shift, o + second));
      input(x, shift, o).mul(gate).intoMemorySegment(ALL, y + o, LITTLE_ENDIAN);
    }
  }

  private static void geglu(long x, long shift, long second, long y, int n) {
    for (long o = 0; o < n * 4L; o += LANES * 4L) {
      FloatVector gate = ActivationVector.geluErf(input(x, shift, o + second));
      input(x, shift, o).mul(gate).intoMemorySegment(ALL, y + o, LITTLE_ENDIAN);
    }
  }

  private static void swiglu(long x, long shift, long second, long y, int n) {
    for (long o = 0; o < n * 4L; o += LANES * 4L) {
      FloatVector gate = ActivationVector.silu(input(x, shift, o));
      gate.mul(input(x, shift, o + second)).intoMemorySegment(ALL, y + o, LITTLE_ENDIAN);
    }
  }

  /**
   * tanh(a)·sigmoid(b) = (1 − e⁻²ᵃ) / ((1 + e⁻²ᵃ)(1 + e⁻ᵇ)): one division; beyond ±20 tanh is ±1, and the exponential must not overflow.
   */
  private static void tanh(long x, long shift, long second, long y, int n) {
    for (long o = 0; o < n * 4L; o += LANES * 4L) {
      FloatVector a = input(x, shift, o);
      a = a.blend(MOST, a.compare(VectorOperators.GT, MOST)).blend(LEAST, a.compare(VectorOperators.LT, LEAST));
      FloatVector e = VectorMath.expBounded(a.add(a).neg());
      FloatVector g = VectorMath.exp(input(x, shift, o + second).neg());
      ONE.sub(e).div(e.add(ONE).mul(g.add(ONE))).intoMemorySegment(ALL, y + o, LITTLE_ENDIAN);
    }
  }
}
