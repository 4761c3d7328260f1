package dev.syrinx.kernels.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Layout;
import dev.syrinx.kernels.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Packing in blocks of any size gives what the definition of the layout says, byte for byte. */
class PanelsTest {
  private static final int[] OUTPUTS = {1, 15, 16, 33, 64, 65, 130};
  private static final int[] INPUTS = {1, 7, 64, 65, 200};

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "I8"})
  void blocks(DType dtype) {
    Random random = new Random(1);
    for (int n : OUTPUTS) {
      for (int k : INPUTS) {
        byte[] plain = new byte[n * k * dtype.bytes()];
        random.nextBytes(plain);
        byte[] expected = byDefinition(plain, dtype, n, k);
        assertArrayEquals(expected, packed(Panels.LAYOUT, plain, dtype, n, k, n, k), dtype + " whole " + n + " x " + k);
        int rows = 1 + random.nextInt(n);
        int columns = 1 + random.nextInt(k);
        String how = "%s %d x %d in blocks of %d x %d".formatted(dtype, n, k, rows, columns);
        assertArrayEquals(expected, packed(Panels.LAYOUT, plain, dtype, n, k, rows, columns), how);
        assertArrayEquals(plain, packed(Layout.ROW_MAJOR, plain, dtype, n, k, rows, columns), "row-major " + how);
      }
    }
  }

  private static byte[] packed(Layout layout, byte[] plain, DType dtype, int n, int k, int rows, int columns) {
    int[] shape = {n, k};
    byte[] target = new byte[Math.toIntExact(layout.bytes(dtype, shape))];
    Arrays.fill(target, (byte) 0x55);
    MemorySegment source = MemorySegment.ofArray(plain);
    for (int row = (n - 1) / rows * rows; row >= 0; row -= rows) {
      for (int column = 0; column < k; column += columns) {
        MemorySegment from = source.asSlice(((long) row * k + column) * dtype.bytes());
        View block = View.strided(from, dtype, k, Math.min(rows, n - row), Math.min(columns, k - column));
        layout.packBlock(block, row, column, shape, MemorySegment.ofArray(target));
      }
    }
    return target;
  }

  /** Element by element, from the class comment of {@link Panels}. */
  private static byte[] byDefinition(byte[] plain, DType dtype, int n, int k) {
    int size = dtype.bytes();
    byte[] target = new byte[Math.toIntExact(Panels.LAYOUT.bytes(dtype, new int[] {n, k}))];
    MemorySegment to = MemorySegment.ofArray(target);
    for (int j = 0; j < n; j++) {
      long n0 = j / 64 * 64L;
      long granule = 64L / size;
      long width = Math.min(64, (n - n0 + granule - 1) / granule * granule);
      long group = (j - n0) / granule;
      long lane = (j - n0) % 16;
      long part = (j - n0) % granule / 16;
      for (int i = 0; i < k; i++) {
        long element = n0 * k + i * width + group * granule + lane * (4L / size) + part;
        MemorySegment.copy(plain, (j * k + i) * size, to, ValueLayout.JAVA_BYTE, element * size, size);
      }
    }
    return target;
  }
}
