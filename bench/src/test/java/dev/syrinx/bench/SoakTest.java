package dev.syrinx.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.ffi.cuda.RehearsalDriver;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.synth.Switches;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SoakTest {
  private static Soak.Reading reading(int utterances, long engine, long heap, long resident) {
    return new Soak.Reading(utterances, engine, 0, heap, resident);
  }

  @Test
  void whatGrowsIsNamed() {
    List<Soak.Reading> steady = List.of(reading(1, 50, 1 << 20, 1 << 28), reading(2, 100, 2 << 20, 2 << 28), reading(3, 100, 2 << 20, 2 << 28), reading(4, 100, 2 << 20, 2 << 28));
    assertEquals(List.of(), Soak.grew(steady, true));
    List<Soak.Reading> leak = List.of(reading(1, 50, 1 << 20, 1 << 28), reading(2, 100, 2 << 20, 1 << 28), reading(3, 101, 5 << 20, 3 << 28), reading(4, 101, 5 << 20, 3 << 28));
    assertEquals(List.of("engine", "heap", "resident"), Soak.grew(leak, true).stream().map(text -> text.split(" ")[0]).toList());
    assertEquals(2, Soak.grew(leak, false).size());
  }

  @Test
  void aHeapThatGoesUpAndDownIsNoLeakUnlessItsLowestRises() {
    assertEquals(List.of(), Soak.grew(saw(0), true));
    assertEquals(List.of("heap"), Soak.grew(saw(130_000), true).stream().map(text -> text.split(" ")[0]).toList());
  }

  /** 20 readings: five steps of a megabyte up, and down again; besides, so many bytes that stay from each to the next. */
  private static List<Soak.Reading> saw(long leak) {
    return IntStream.range(0, 20).mapToObj(i -> reading(i, 1, ((13L + i % 5) << 20) + i * leak, 1)).toList();
  }

  /** On a device that computes nothing: addresses and recordings, which is where device memory would leak. */
  @Test
  void theEngineKeepsItsMemory() {
    try (RehearsalDriver driver = new RehearsalDriver(RehearsalDriver.Device.H100)) {
      Switches switches = Switches.defaults();
      CudaBackend backend = CudaBackend.rehearse(driver, switches.cuda(CudaOptions.of(0)));
      var report = new Soak(SyntheticDims.odd(), backend, switches.withFlow(3, 0.7f, Switches.Schedule.UNIFORM), 2).run(30, 40, text -> {});
      assertEquals(List.of(), ((List<?>) report.get("grew")).stream().filter(text -> text.toString().startsWith("engine") || text.toString().startsWith("device")).toList());
      assertEquals(0, driver.used());
    }
  }
}
