package dev.syrinx.ffi.cublas;

/**
 * A product of row-major matrices, y {@code [m, n]} = x {@code [m, k]} · (w {@code [n, k]})ᵀ, sums in float32.
 *
 * @param m rows of x
 * @param n rows of w
 * @param k columns of both
 * @param factors type of x and w
 * @param result type of y: float32, or the type of the factors
 * @param xStride elements between rows of x; {@code wStride}, {@code yStride} likewise
 * @param alignment bytes that every address is a multiple of
 * @param tensorFloat whether float32 factors may be rounded to 10 bits of fraction (TF32), which the matrix units need
 */
public record MatmulShape(int m, int n, int k, Type factors, Type result, long xStride, long wStride, long yStride, int alignment, boolean tensorFloat) {
  /** Element types; codes: cudaDataType. */
  public enum Type {
    F32(0, 4),
    F16(2, 2),
    BF16(14, 2);

    private final int code;
    private final int bytes;

    Type(int code, int bytes) {
      this.code = code;
      this.bytes = bytes;
    }

    int code() {
      return code;
    }

    /** Size of an element. */
    public int bytes() {
      return bytes;
    }
  }

  /** @throws IllegalArgumentException for extents below 1, or strides shorter than a row */
  public MatmulShape {
    if (m < 1 || n < 1 || k < 1 || xStride < k || wStride < k || yStride < n || alignment < 1) {
      throw new IllegalArgumentException("no product of [" + m + ", " + k + "] and [" + n + ", " + k + "] with strides " + xStride + ", " + wStride + ", " + yStride);
    }
  }

  /** Rows without gaps, float32 result, well aligned. */
  public static MatmulShape of(int m, int n, int k, Type factors) {
    return new MatmulShape(m, n, k, factors, Type.F32, k, k, n, 16, false);
  }

  /** The same with another type of result. */
  public MatmulShape into(Type type) {
    return new MatmulShape(m, n, k, factors, type, xStride, wStride, yStride, alignment, tensorFloat);
  }

  /** The same with gaps between rows. */
  public MatmulShape strides(long x, long w, long y) {
    return new MatmulShape(m, n, k, factors, result, x, w, y, alignment, tensorFloat);
  }

  /** The same with float32 factors on the matrix units. */
  public MatmulShape onMatrixUnits() {
    return new MatmulShape(m, n, k, factors, result, xStride, wStride, yStride, alignment, true);
  }
}
