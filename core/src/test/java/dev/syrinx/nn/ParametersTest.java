package dev.syrinx.nn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Linear;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Layout;
import dev.syrinx.kernels.View;
import dev.syrinx.kernels.gemm.Gemm;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Weights that come in slabs are, byte for byte, those that are converted as a whole; and they come without being copied on the heap. */
class ParametersTest {
  /** Wider than a slab of 64 rows. */
  private static final int WIDE = 10_007;

  private final CpuBackend backend = new CpuBackend(2, false);

  @AfterEach
  void close() {
    backend.close();
  }

  @ParameterizedTest
  @EnumSource
  void slabsAreTheWhole(Precision precision) {
    for (int[] shape : new int[][] {{1, 1}, {70, 33}, {3000, 400}, {131, WIDE}}) {
      float[] rows = values(shape[0] * shape[1]);
      Linear loaded = new Parameters(backend, precision).linear("w", rows, shape[0], shape[1], Optional.empty());
      byte[] expected = packedAsAWhole(rows, shape, precision);
      assertArrayEquals(
          expected, loaded.weight().view().segment().asSlice(0, expected.length).toArray(JAVA_BYTE), precision + " " + shape[0]);
      loaded.scale().ifPresent(scale -> assertArrayEquals(scales(rows, shape), scale.toFloats()));
    }
  }

  @Test
  void tensorsLongerThanASlab() {
    float[] values = values(Slab.ELEMENTS + 1001);
    assertArrayEquals(values, new Parameters(backend, Precision.FP32).tensor(values, values.length).toFloats());
  }

  @Test
  void depthwiseIsTransposed() {
    float[] taps = new Parameters(backend, Precision.FP32)
        .depthwise(StoredTensor.ofFloats("d", new float[] {1, 2, 3, 4, 5, 6}, 2, 1, 3)).toFloats();
    assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, taps);
  }

  @Test
  void valuesThatDoNotFit() {
    float[] rows = values(200 * WIDE);
    rows[150 * WIDE + 9000] = 70_000;
    Parameters halves = new Parameters(backend, Precision.FP16);
    CheckpointException large = assertThrows(CheckpointException.class, () -> halves.linear("w.x", rows, 200, WIDE, Optional.empty()));
    assertTrue(large.getMessage().contains("'w.x' holds 70000.0"), large::getMessage);
    rows[150 * WIDE + 9000] = Float.NaN;
    Parameters bytes = new Parameters(backend, Precision.INT8);
    CheckpointException none = assertThrows(CheckpointException.class, () -> bytes.linear("w.x", rows, 200, WIDE, Optional.empty()));
    assertTrue(none.getMessage().contains("'w.x' row 150 is not finite"), none::getMessage);
  }

  /** 64 MiB pass through slabs: a few MiB for each of at most eight threads, whatever the precision and the order of the axes. */
  @ParameterizedTest
  @EnumSource
  void nothingIsHeldTwice(Precision precision) {
    int n = 4096;
    int k = 4096;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment file = arena.allocate(4L * n * k, 64);
      Parameters parameters = new Parameters(backend, precision);
      List<StoredTensor> shapes =
          List.of(
              new StoredTensor("plain", DType.F32, List.of(n, k), file), new StoredTensor("conv", DType.F32, List.of(n, k / 4, 4), file),
              new StoredTensor("wide", DType.F32, List.of(16, n * k / 16), file));
      parameters.linear(shapes.getFirst().name(), MatrixSource.of(shapes.getFirst()).rows(0, 64), Optional.empty()); // loads classes
      for (StoredTensor stored : shapes) {
        long before = allocated();
        parameters.conv(stored, Optional.empty());
        fewSlabs(stored.name(), allocated() - before);
      }
      long before = allocated();
      parameters.linearTransposed(shapes.getFirst(), Optional.empty());
      fewSlabs("transposed", allocated() - before);
    }
  }

  private static void fewSlabs(String name, long bytes) {
    int threads = Math.min(8, Runtime.getRuntime().availableProcessors());
    assertTrue(bytes < threads * (4L << 20) + (1 << 20), () -> "loading '" + name + "' of 64 MiB allocated " + bytes + " bytes");
  }

  /** By all threads since the start. */
  private static long allocated() {
    return ManagementFactory.getPlatformMXBean(ThreadMXBean.class).getTotalThreadAllocatedBytes();
  }

  private byte[] packedAsAWhole(float[] rows, int[] shape, Precision precision) {
    DType dtype = precision.dtype();
    MemorySegment plain = MemorySegment.ofArray(new byte[rows.length * dtype.bytes()]);
    float[] scales = scales(rows, shape);
    for (int i = 0; i < rows.length; i++) {
      float value = rows[i];
      float scale = scales[i / shape[1]];
      switch (precision) {
        case FP32 -> plain.set(JAVA_FLOAT_UNALIGNED, i * 4L, value);
        case FP16 -> plain.set(JAVA_SHORT_UNALIGNED, i * 2L, Float.floatToFloat16(value));
        case BF16 -> plain.set(JAVA_SHORT_UNALIGNED, i * 2L, DType.toBf16(value));
        case INT8 -> plain.set(JAVA_BYTE, i, (byte) (scale == 0 ? 0 : Math.clamp(Math.round(value / scale), -127, 127)));
      }
    }
    Layout layout = backend.layout(Gemm.SPEC, "w");
    byte[] packed = new byte[Math.toIntExact(layout.bytes(dtype, shape))];
    layout.pack(View.of(plain, dtype, shape), MemorySegment.ofArray(packed));
    return packed;
  }

  private static float[] scales(float[] rows, int[] shape) {
    float[] scales = new float[shape[0]];
    for (int i = 0; i < rows.length; i++) {
      scales[i / shape[1]] = Math.max(scales[i / shape[1]], Math.abs(rows[i]));
    }
    for (int i = 0; i < scales.length; i++) {
      scales[i] /= 127f;
    }
    return scales;
  }

  /** A row of zeros among them. */
  private static float[] values(int count) {
    Random random = new Random(count);
    float[] values = new float[count];
    for (int i = count / 3; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
