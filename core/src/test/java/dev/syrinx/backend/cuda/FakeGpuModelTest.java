package dev.syrinx.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.testdata.TestData;
import dev.syrinx.verify.Check;
import dev.syrinx.verify.KernelCheck;
import dev.syrinx.verify.KernelCheckDevice;
import dev.syrinx.verify.KernelCheckOutcome;
import dev.syrinx.verify.Verifier;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything through device addresses and launches: what touches device memory from the host fails here. */
final class FakeGpuModelTest {
  @TempDir private Path folder;

  @Test
  void everyKernelGetsItsParameters() throws Exception {
    try (CudaBackend backend = FakeGpu.build(folder).open(CudaOptions.of(0))) {
      KernelCheck.Report report = new KernelCheck(new KernelCheckDevice(backend), outcome -> {}).run(KernelCatalog.ALL);
      List<KernelCheckOutcome> failed = report.outcomes().stream().filter(outcome -> !outcome.passed()).toList();
      assertEquals(List.of(), failed);
      assertTrue(report.outcomes().size() >= KernelCatalog.ALL.size());
    }
  }

  @Test
  void theWholeModelRunsOnADevice() throws Exception {
    Path golden = TestData.folder(TestData.TINY_A);
    try (CudaBackend backend = FakeGpu.build(folder).open(CudaOptions.of(0).withFusion(false))) {
      Verifier.Report report = Verifier.verify(golden, golden.resolve("golden"), backend, name -> {});
      assertEquals(List.of(), report.checks().stream().filter(check -> !check.passed()).map(Check::toString).toList());
    }
  }
}
