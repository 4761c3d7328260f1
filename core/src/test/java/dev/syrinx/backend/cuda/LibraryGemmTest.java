package dev.syrinx.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.backend.Taps;
import dev.syrinx.ffi.NativeLibrary;
import dev.syrinx.ffi.Probe;
import dev.syrinx.ffi.cublas.JCublas;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.kernels.gemm.Gemm;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.verify.KernelCheck;
import dev.syrinx.verify.KernelCheckDevice;
import dev.syrinx.verify.KernelCheckOutcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Products through a library that is none: what is computed around it, and its place in recordings. */
final class LibraryGemmTest {
  @TempDir private Path folder;
  private FakeGpu gpu;

  @BeforeEach
  void build() throws Exception {
    gpu = FakeGpu.build(folder);
    FakeGpu.buildCublasLt(folder);
    System.setProperty(NativeLibrary.PATH_PROPERTY, folder.toString());
  }

  @AfterEach
  void forget() {
    System.clearProperty(NativeLibrary.PATH_PROPERTY);
  }

  private static CudaOptions options() {
    return CudaOptions.of(0).withGemm(CudaOptions.Gemm.CUBLASLT);
  }

  @Test
  void itKeepsTheContractOfTheProduct() {
    try (CudaBackend backend = gpu.open(options())) {
      assertTrue(backend.description().contains("products by cuBLASLt"), backend.description());
      KernelCheck.Report report = new KernelCheck(new KernelCheckDevice(backend), outcome -> {}).run(List.of(Gemm.SPEC));
      KernelCheckOutcome found =
          report.outcomes().stream().filter(o -> o.variant().equals("cublaslt") && o.type() == DType.F32).findFirst().orElseThrow();
      assertTrue(found.passed(), found::toString);
      assertTrue(found.runs() > 20, found::toString);
    }
  }

  @Test
  void recordingsRunItOnWhatTheirBuffersHold() {
    try (CudaBackend backend = gpu.open(options().withGraphs(false))) {
      Ops ops = new Ops(backend, Taps.NONE);
      Tensor x = ops.upload(new float[] {1, 2}, 1, 2);
      Linear layer = new Linear(ops.upload(new float[] {1, 10, 100, 1000}, 2, 2), Optional.empty(), Optional.of(ops.upload(new float[] {5, 7}, 2)));
      Tensor y = ops.empty(1, 2);
      try (Replay replay = backend.capture(() -> ops.linearInto(x, layer, Activation.NONE, y))) {
        replay.run();
        assertArrayEquals(new float[] {26, 2107}, ops.download(y));
        ops.uploadInto(new float[] {3, 4}, x);
        replay.run();
        assertArrayEquals(new float[] {48, 4307}, ops.download(y));
      }
    }
  }

  @Test
  void aLibraryThatIsNotThereIsSaid() {
    System.clearProperty(NativeLibrary.PATH_PROPERTY);
    if (dev.syrinx.ffi.cuda.CudaLibraries.cublasLt() instanceof Probe.Absent) {
      String message = assertThrows(CudaUnavailableException.class, () -> gpu.open(options())).getMessage();
      assertTrue(message.contains("--gemm cublaslt: ") && message.contains("libcublasLt.so.13") && message.contains("install the CUDA 13"), message);
    }
    if (JCublas.probe() instanceof Probe.Absent<String>(String reason, String remedy)) {
      String message = assertThrows(CudaUnavailableException.class, () -> gpu.open(options().withGemm(CudaOptions.Gemm.JCUBLAS))).getMessage();
      assertTrue(message.contains("--gemm jcublas: ") && message.contains("libcublas.so.12") && message.contains("use '--gemm cublaslt'"), message);
      assertEquals(0, message.lines().skip(1).count(), message);
    }
  }
}
