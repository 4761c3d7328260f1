package dev.syrinx.verify;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.backend.cuda.CudaUnavailableException;
import dev.syrinx.kernels.KernelCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Every CUDA variant on this machine's GPU, where there is one: the same as {@code syrinx kernels --check --device cuda:0}. */
@Tag("gpu")
final class GpuKernelTest {
  @TestFactory
  Stream<DynamicTest> variantsMatchTheReference() {
    List<KernelCheckOutcome> outcomes = new ArrayList<>();
    List<String> skipped;
    try (CudaBackend backend = CudaBackend.open(CudaOptions.of(0))) {
      skipped = new KernelCheck(new KernelCheckDevice(backend), outcomes::add).run(KernelCatalog.ALL).skipped();
    } catch (CudaUnavailableException e) {
      return abort(e.getMessage());
    }
    Stream<DynamicTest> tests = outcomes.stream().map(outcome -> DynamicTest.dynamicTest(
            outcome.kernel() + " " + outcome.variant() + " " + outcome.type(), () -> assertTrue(outcome.passed(), outcome::toString)));
    return Stream.concat(
        tests, Stream.of(DynamicTest.dynamicTest("no kernel loses the device", () -> assertTrue(skipped.isEmpty(), skipped::toString))));
  }
}
