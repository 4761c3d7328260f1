package dev.syrinx.ffi.cublas;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.ffi.NativeLibrary;
import dev.syrinx.ffi.Probe;
import dev.syrinx.ffi.cuda.CudaContext;
import dev.syrinx.ffi.cuda.CudaDriver;
import dev.syrinx.ffi.cuda.CudaStream;
import dev.syrinx.ffi.cuda.DeviceMemory;
import dev.syrinx.ffi.cuda.FakeDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Products through a library that computes them slowly: layouts, strides and the order of arguments. */
final class CublasLtTest {
  @TempDir private Path folder;
  private CudaContext context;
  private CublasLt library;

  @BeforeEach
  void open() throws Exception {
    context = CudaContext.open(CudaDriver.probe(FakeDriver.build(folder)).toOptional().orElseThrow(), 0);
    library = CublasLt.probe(context, new Probe.Present<>(FakeDriver.cublasLt(folder))).toOptional().orElseThrow();
  }

  @Test
  void rowsTimesRows() {
    MatmulShape shape = MatmulShape.of(3, 4, 5, MatmulShape.Type.F32).strides(7, 6, 9);
    float[] x = values(3 * 7, 0.5f);
    float[] w = values(4 * 6, -0.25f);
    float[] y = run(shape, x, w);
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 4; j++) {
        float sum = 0;
        for (int t = 0; t < 5; t++) {
          sum += x[i * 7 + t] * w[j * 6 + t];
        }
        assertEquals(sum, y[i * 9 + j], 1e-5f, i + ", " + j);
      }
      assertEquals(-1, y[i * 9 + 4], "the gap behind row " + i);
    }
  }

  @Test
  void aWorkspaceThatItMayNotHave() {
    MatmulShape large = MatmulShape.of(2, 200, 3, MatmulShape.Type.F32);
    try (CublasLtMatmul matmul = library.matmul(large, 4096)) {
      assertEquals(1000, matmul.workspaceBytes());
    }
    String message = assertThrows(CublasException.class, () -> library.matmul(large, 10)).getMessage();
    assertTrue(message.contains("n=200") && message.contains("CUBLAS_STATUS_NOT_SUPPORTED (15)"), message);
  }

  @Test
  void productsThatThereAreNotAreNamed() {
    String message = assertThrows(CublasException.class, () -> library.matmul(MatmulShape.of(2, 3, 4, MatmulShape.Type.BF16), 0)).getMessage();
    assertTrue(message.contains("factors=BF16") && message.contains("no product of these types"), message);
    assertThrows(IllegalArgumentException.class, () -> MatmulShape.of(2, 3, 4, MatmulShape.Type.F32).strides(3, 4, 3));
  }

  @Test
  void noLibraryIsAReason() {
    NativeLibrary none = NativeLibrary.open("cuBLASLt", "libno-such-cublas.so.1");
    Probe.Absent<CublasLt> absent = assertInstanceOf(Probe.Absent.class, CublasLt.probe(context, new Probe.Absent<>(none.reason(), "install it")), "probe");
    assertTrue(absent.reason().contains("libno-such-cublas.so.1"), absent.reason());
  }

  private float[] run(MatmulShape shape, float[] x, float[] w) {
    try (Arena arena = Arena.ofConfined();
        CudaStream stream = CudaStream.create(context);
        DeviceMemory deviceX = DeviceMemory.allocate(context, x.length * 4L);
        DeviceMemory deviceW = DeviceMemory.allocate(context, w.length * 4L);
        DeviceMemory deviceY = DeviceMemory.allocate(context, shape.m() * shape.yStride() * 4);
        CublasLtMatmul matmul = library.matmul(shape, 0)) {
      stream.copyToDevice(arena.allocateFrom(JAVA_FLOAT, x), deviceX.address(), deviceX.bytes());
      stream.copyToDevice(arena.allocateFrom(JAVA_FLOAT, w), deviceW.address(), deviceW.bytes());
      stream.fillWords(deviceY.address(), Float.floatToIntBits(-1), deviceY.bytes() / 4);
      matmul.run(deviceX.address(), deviceW.address(), deviceY.address(), 0, stream);
      MemorySegment back = arena.allocate(deviceY.bytes(), 64);
      stream.copyToHost(deviceY.address(), back, deviceY.bytes());
      stream.synchronize();
      return back.toArray(JAVA_FLOAT);
    }
  }

  private static float[] values(int count, float scale) {
    float[] values = new float[count];
    Arrays.fill(values, 0);
    for (int i = 0; i < count; i++) {
      values[i] = (i * 7 % 11 - 5) * scale;
    }
    return values;
  }
}
