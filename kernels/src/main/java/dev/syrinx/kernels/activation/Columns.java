package dev.syrinx.kernels.activation;

import dev.syrinx.kernels.Arguments;

/**
 * Units of element-wise kernels: one row, or a part of {@link #SPAN} columns of a long one, so that a vector passed as one row is shared by
 * threads too.
 */
final class Columns {
  /** Columns of a unit. */
  static final int SPAN = 1 << 14;

  private Columns() {}

  /** Parts of a row of this many columns. */
  static int parts(int columns) {
    return (columns + SPAN - 1) / SPAN;
  }

  /** Units of {@code y [t, c]}. */
  static int units(Arguments a) {
    return a.dim("t") * parts(a.dim("c"));
  }
}
