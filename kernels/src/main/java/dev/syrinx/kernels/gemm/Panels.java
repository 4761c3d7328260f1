package dev.syrinx.kernels.gemm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Layout;
import dev.syrinx.kernels.View;
import java.lang.foreign.MemorySegment;

/**
 * The weight matrix {@code w[n][k]} as one sequential stream for the CPU: panels of {@link #WIDTH} outputs, in each panel k-major,
 * {@code panel[k][n mod WIDTH]}, padded with zeros to {@link #granule}.
 *
 * <p>Narrow types are interleaved so that an int lane holds elements that lie 16 outputs apart (2 halves or 4 bytes): shifts then widen them without
 * shuffles. Bits: 16-bit types: int lane j of a 32-output group = n=j | n=j+16 &lt;&lt; 16. 8-bit: lane j of a 64-output group = bytes n=j, j+16, j+32, j+48.
 */
public final class Panels implements Layout {
  /** Outputs of a full panel. */
  public static final int WIDTH = 64;

  /** The one instance. */
  public static final Panels LAYOUT = new Panels();

  private Panels() {}

  @Override
  public String name() {
    return "panels";
  }

  /** Outputs to which a panel's width is rounded up. */
  public static int granule(DType dtype) {
    return 64 / dtype.bytes();
  }

  /** Outputs stored in the panel that starts at output {@code n0}. */
  public static int width(DType dtype, int n, int n0) {
    int granule = granule(dtype);
    return Math.min(WIDTH, (n - n0 + granule - 1) / granule * granule);
  }

  /** Byte offset of the panel that starts at output {@code n0}. */
  public static long offset(DType dtype, int n0, int k) {
    return (long) n0 * k * dtype.bytes();
  }

  @Override
  public long bytes(DType dtype, int[] shape) {
    int last = (shape[0] - 1) / WIDTH * WIDTH;
    return offset(dtype, last, shape[1]) + (long) width(dtype, shape[0], last) * shape[1] * dtype.bytes();
  }

  @Override
  public void pack(View w, MemorySegment target) {
    int n = w.extent(0);
    int k = w.extent(1);
    DType dtype = w.dtype();
    for (int n0 = 0; n0 < n; n0 += WIDTH) {
      int width = width(dtype, n, n0);
      long panel = offset(dtype, n0, k);
      target.asSlice(panel, (long) width * k * dtype.bytes()).fill((byte) 0);
      for (int j = 0; j < Math.min(WIDTH, n - n0); j++) {
        packRow(w, n0 + j, target, panel, width, position(dtype, j));
      }
    }
  }

  /** Where output j of a panel lies within a k-row of it, in elements. */
  static int position(DType dtype, int j) {
    return switch (dtype.bytes()) {
      case 4 -> j;
      case 2 -> j / 32 * 32 + (j % 16) * 2 + (j % 32) / 16;
      default -> (j % 16) * 4 + j / 16;
    };
  }

  private static void packRow(View w, int row, MemorySegment target, long panel, int width, int position) {
    MemorySegment source = w.segment();
    int k = w.extent(1);
    long from = row * w.rowStride();
    for (int i = 0; i < k; i++) {
      long to = (long) i * width + position;
      switch (w.dtype().bytes()) {
        case 4 -> target.set(JAVA_FLOAT_UNALIGNED, panel + to * 4, source.get(JAVA_FLOAT_UNALIGNED, (from + i) * 4));
        case 2 -> target.set(JAVA_SHORT_UNALIGNED, panel + to * 2, source.get(JAVA_SHORT_UNALIGNED, (from + i) * 2));
        default -> target.set(JAVA_BYTE, panel + to, source.get(JAVA_BYTE, from + i));
      }
    }
  }
}
