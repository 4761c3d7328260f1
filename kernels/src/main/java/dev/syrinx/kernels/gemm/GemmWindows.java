package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Window;

/** The factors of a product, {@code x [rows, k]} and {@code w [n, k]} of halves, as a device's copy engine sees them. */
final class GemmWindows {
  private GemmWindows() {}

  /** Whether it can bring both. */
  static boolean fit(Arguments a) {
    return a.dim("k") > 0 && fits(a, "x") && fits(a, "w");
  }

  private static boolean fits(Arguments a, String buffer) {
    return Window.begins(a, buffer) && Window.fits(a.view(buffer).rowStride(), a.dim("k"), 1);
  }

  /** x, in boxes of so many rows. */
  static Window inputs(Arguments a, int rows, int boxRows) {
    return Window.of("x", a.dim("k"), rows, a.view("x").rowStride(), boxRows);
  }

  /** w, in boxes of so many of the outputs' columns. */
  static Window weights(Arguments a, int boxColumns) {
    return Window.of("w", a.dim("k"), a.dim("n"), a.view("w").rowStride(), boxColumns);
  }

  /** Whether four columns of a buffer, of so many bytes, may be touched at once; an absent one is not touched. */
  static boolean fours(Arguments a, String buffer, int bytes) {
    if (!a.has(buffer)) {
      return true;
    }
    boolean rows = a.view(buffer).rank() < 2 || a.view(buffer).rowStride() % 4 == 0;
    return rows && a.segment(buffer).address() % bytes == 0;
  }
}
