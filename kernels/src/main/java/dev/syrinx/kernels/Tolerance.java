package dev.syrinx.kernels;

import java.util.function.ToLongFunction;

/**
 * How far a float variant may be from the double reference: a function of the reduction's length, not a number per test. The largest
 * difference must not exceed {@code factor · 2⁻²⁴ · (8 + 4·sqrt(length))} times the larger of the output's root mean square and
 * {@code floor}.
 *
 * @param factor 1 for sums of products; more where a function amplifies rounding, with the reason at the declaration
 * @param length terms summed into one output
 * @param floor absolute magnitude below which errors are not scaled down further
 */
public record Tolerance(double factor, ToLongFunction<Arguments> length, double floor) {
  private static final double ULP = 0x1p-24;

  /** For element-wise work. */
  public static Tolerance elementwise(double factor) {
    return new Tolerance(factor, a -> 1, 1e-3);
  }

  /** For reductions over {@code length} terms. */
  public static Tolerance reduction(double factor, ToLongFunction<Arguments> length) {
    return new Tolerance(factor, length, 1e-3);
  }

  /** Nothing but equality will do. */
  public static Tolerance exact() {
    return new Tolerance(0, a -> 1, 0);
  }

  /** The same for a variant that rounds its factors to a narrower type. */
  public double bound(Arguments a, double rms, DType arithmetic) {
    double wider = switch (arithmetic) {
      case F16 -> 0x1p13;
      case BF16 -> 0x1p16;
      default -> 1;
    };
    return wider * bound(a, rms);
  }

  /** Largest absolute difference allowed for outputs of this root mean square. */
  public double bound(Arguments a, double rms) {
    return factor * ULP * (8 + 4 * Math.sqrt((double) length.applyAsLong(a))) * Math.max(rms, floor);
  }
}
