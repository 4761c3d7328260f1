package dev.syrinx.bench.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

/** JMH finds the benchmark, which its annotation processor lists in the JAR, and every call asked for is in the report. */
class KernelBenchmarksTest {
  private static final String NAME = "temperature";

  @Test
  void everyCaseIsMeasured() {
    KernelSpec spec = KernelCatalog.named(NAME);
    long cases = spec.cases().stream().filter(Case::model).count();
    List<String> told = new ArrayList<>();
    Map<String, Object> report = KernelBenchmarks.unforked(Duration.ofMillis(20)).run(List.of(NAME), told::add);
    List<?> calls = (List<?>) report.get("calls");
    assertEquals(cases * spec.dtypes().size() * spec.variants().size(), calls.size());
    assertEquals(calls.size(), told.size());
    assertFalse(calls.isEmpty());
    for (Object call : calls) {
      Map<?, ?> entry = (Map<?, ?>) call;
      assertTrue((Double) entry.get("microseconds") > 0, entry::toString);
      assertTrue((Double) entry.get("gigabytesPerSecond") > 0, entry::toString);
    }
  }

  @Test
  void unknownKernel() {
    KernelBenchmarks benchmarks = KernelBenchmarks.unforked(Duration.ofMillis(20));
    NoSuchElementException e = assertThrows(NoSuchElementException.class, () -> benchmarks.run(List.of("gem"), _ -> { }));
    assertTrue(e.getMessage().contains("gem"), e::getMessage);
  }
}
