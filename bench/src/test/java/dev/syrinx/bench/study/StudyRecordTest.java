package dev.syrinx.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StudyRecordTest {
  static StudyRecord record(Map<String, String> switches, Map<String, Double> price) {
    return new StudyRecord(
        "run", "precision", "one", "full \"fp16\"\n", "full", StudyRecord.State.MEASURED, "",
        new StudyRecord.Configuration("cpu", "a <CPU>", "full", switches, 1, 1, 1, 1, 20, 12, 2.5, 2, 7, List.of("Say \u00e9.")),
        new StudyRecord.Provenance("odd", "00", "11", Map.of("java", "25")), Map.of("cpu", "x", "processors", 2), "ab",
        new StudyRecord.Conditions("one", 2, 3, 1, List.of(new StudyRecord.Run(1, 2, 0.01, 0.25)), 0.5, 1.25, Map.of(), Map.of("temperatureC", 40.0), List.of("note")),
        Map.of("total", Timing.of("s", List.of(1.0, 2.0, 3.0))), List.of(new StudyRecord.Work("mel", 10, 20, 3, 0.5, 0.25, 0.5, "memory")),
        new StudyRecord.Roof(1e10, 1e11, "measured"), List.of(new OwnKernel("layer_norm", "mine.ptx:entry", "cuda", "t=2", 3, 1.5, 0)),
        new StudyRecord.Output(1.5, List.of(20), "cc"), Figures.NONE.with(Metric.WEIGHT_BYTES, 5).without(Metric.GAP_SHARE, "CPU"),
        new StudyRecord.Price("baseline", "own", price, Map.of()));
  }

  @Test
  void whatIsWrittenIsReadAgain(@TempDir Path folder) throws Exception {
    StudyRecord record = record(Map.of("kv", "paged"), Map.of("snr", 30.5));
    Path file = folder.resolve("made").resolve(StudyRecords.FILE);
    StudyRecords.write(file, List.of(record, record));
    assertEquals(List.of(record, record), StudyRecords.read(file));
    assertEquals(2, Files.readAllLines(file).size());
    assertTrue(record.json().startsWith("{\"schema\":\"syrinx.study/2\","), record.json());
  }

  @Test
  void aSpeedWithoutConfigurationOrPriceIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> record(Map.of(), Map.of("snr", 30.5)));
    assertThrows(IllegalArgumentException.class, () -> record(Map.of("kv", "paged"), Map.of()));
  }

  @Test
  void aDamagedLineIsNamed(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("r.jsonl");
    Files.writeString(file, record(Map.of("kv", "paged"), Map.of("snr", 1.0)).json() + "\n{\"schema\":\"syrinx.study/9\"}\n");
    String message = assertThrows(IllegalArgumentException.class, () -> StudyRecords.read(file)).getMessage();
    assertTrue(message.contains("line 2") && message.contains("syrinx.study/9"), message);
  }

  @Test
  void figuresHoldFiniteNumbersOrReasons() {
    Figures figures = Figures.NONE.with(Metric.SNR, Double.POSITIVE_INFINITY);
    assertFalse(figures.value(Metric.SNR).isPresent());
    assertEquals("it is Infinity", figures.why(Metric.SNR).orElseThrow());
    assertEquals(2, figures.with(Metric.SNR, 2).value(Metric.SNR).orElseThrow());
    assertThrows(IllegalArgumentException.class, () -> new Figures(Map.of("snr", Double.NaN), Map.of()));
  }
}
