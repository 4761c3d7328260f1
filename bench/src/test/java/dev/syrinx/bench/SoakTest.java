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
    List<Soak.Reading> once = List.of(reading(1, 50, 1 << 20, 1 << 28), reading(2, 100, 2 << 20, 1 << 28));
    assertEquals(List.of(), Soak.grew(once, List.of(reading(1, 100, 2 << 20, 1 << 28), reading(2, 100, 2 << 20, 1 << 28)), true));
    List<Soak.Reading> leak = List.of(reading(1, 101, 5 << 20, 3 << 28), reading(2, 101, 5 << 20, 3 << 28));
    assertEquals(List.of("engine", "heap", "resident"), names(Soak.grew(once, leak, true)));
    assertEquals(List.of("engine", "heap"), names(Soak.grew(once, leak, false)));
  }

  @Test
  void aHeapThatGoesUpAndDownIsNoLeakUnlessItTakesMoreTheSecondTime() {
    assertEquals(List.of(), Soak.grew(saw(0, 0), saw(10, 0), true));
    assertEquals(List.of("heap"), names(Soak.grew(saw(0, 130_000), saw(10, 130_000), true)));
  }

  private static List<String> names(List<String> grew) {
    return grew.stream().map(text -> text.split(" ")[0]).toList();
  }

  /** 10 readings: steps of a megabyte up and down, the same each time; besides, so many bytes that stay from each to the next. */
  private static List<Soak.Reading> saw(int from, long leak) {
    return IntStream.range(0, 10).mapToObj(i -> reading(i, 1, ((13L + i % 7) << 20) + (from + i) * leak, 1)).toList();
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
