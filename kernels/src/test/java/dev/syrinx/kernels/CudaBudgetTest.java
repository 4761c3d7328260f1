package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Kernels keep to registers, and their blocks fit a multiprocessor. Needs nvcc, no device. */
final class CudaBudgetTest {
  /** Registers of a multiprocessor, and how many of them are given out together. */
  private static final int REGISTERS = 65_536;
  private static final int GRAIN = 8;

  /** A source says in a line {@code // Local memory of ENTRY: REASON} why an entry may spill. */
  @TestFactory
  Stream<DynamicTest> nothingSpills() throws IOException {
    return CudaBuild.sources().stream().map(source -> DynamicTest.dynamicTest(source, () -> {
      CudaBuild.required();
      for (CudaBuild.Usage usage : CudaBuild.usage(source)) {
        if (!CudaBuild.excused(source).contains(usage.entry())) {
          assertEquals(0, usage.local(), () -> "bytes of local memory: " + usage + "; registers and arrays with changing indices spill");
        }
      }
    }));
  }

  @TestFactory
  Stream<DynamicTest> blocksFit() {
    return CudaBuild.variants().map(one -> DynamicTest.dynamicTest(one.toString(), () -> {
      CudaBuild.required();
      List<CudaBuild.Usage> usage = CudaBuild.usage(one.variant().source());
      for (Gpu gpu : CudaBuild.GPUS) {
        for (Arguments a : one.calls()) {
          for (Launch launch : one.variant().plan().launches(a, gpu)) {
            usage.stream().filter(u -> fits(u, launch, gpu)).forEach(u -> check(u, launch, gpu));
          }
        }
      }
    }));
  }

  /** Whether a report is of this launch's entry and device. */
  private static boolean fits(CudaBuild.Usage usage, Launch launch, Gpu gpu) {
    return usage.entry().equals(launch.entry()) && usage.device().replaceAll("\\D", "").equals(Integer.toString(gpu.capability()));
  }

  private static void check(CudaBuild.Usage usage, Launch launch, Gpu gpu) {
    int registers = Math.ceilDiv(usage.registers(), GRAIN) * GRAIN * Math.ceilDiv(launch.threads(), 32) * 32;
    assertTrue(registers <= REGISTERS, () -> launch + " wants " + registers + " registers: " + usage);
    assertTrue(usage.shared() + launch.sharedBytes() <= gpu.sharedBytes(), () -> launch + " wants too much shared memory: " + usage);
  }
}
