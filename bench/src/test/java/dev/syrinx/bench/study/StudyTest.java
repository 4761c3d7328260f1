package dev.syrinx.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.audio.WavWriter;
import dev.syrinx.model.synthetic.SyntheticDims;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StudyTest {
  private static final String YAML = """
      texts: [one, two]
      text-tokens: 5
      rounds: 2
      processes: 2
      settings: {codes: 6, steps: 2}
      studies:
        flow:
          scenarios: [one, two-batched]
          baseline: two
          cells:
            two: {}
            three: {steps: 3}
            half: {precision: fp16}
            no graph: {graph: off}
            too long: {codes: 100000}
      """;

  @TempDir private Path folder;
  private final List<String> notes = new ArrayList<>();

  private List<StudyRecord> run(String yaml, int seconds) throws IOException {
    return run(yaml, Part.whole(Duration.ofSeconds(seconds)));
  }

  private List<StudyRecord> run(String yaml, Part part) throws IOException {
    Path clip = folder.resolve("clip.wav");
    short[] samples = new short[22_050];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (short) (i * 7919 % 20_000 - 10_000);
    }
    WavWriter.write(clip, samples, 22_050);
    StudyOptions options = new StudyOptions(folder.resolve("study"), part, List.of(clip), 1, 2, "test", List.of(), Optional.empty());
    StudyProgress progress = new StudyProgress() {
      @Override
      public void stage(String name) {}

      @Override
      public void step(long done, long total) {}

      @Override
      public void note(String line) {
        notes.add(line);
      }
    };
    return Study.of(Matrix.parse("test", yaml), options, new Study.Device.Cpu(), new Study.Weights.Noise("odd", SyntheticDims.odd()), progress).run();
  }

  private static StudyRecord find(List<StudyRecord> records, String scenario, String cell) {
    return records.stream().filter(r -> r.scenario().equals(scenario) && r.cell().equals(cell)).findFirst().orElseThrow();
  }

  @Test
  void everyCellBecomesARecordAndAnInterruptedStudyGoesOn() throws Exception {
    List<StudyRecord> records = run(YAML, 300);
    assertEquals(10, records.size());
    StudyRecord two = find(records, "one", "two");
    assertEquals(StudyRecord.State.MEASURED, two.state(), two.message());
    assertTrue(two.timings().get(StudyNames.TOTAL).samples().size() >= 1 && two.timings().get("mel").median() > 0);
    assertEquals("2", two.configuration().switches().get("steps"));
    assertTrue(two.work().stream().anyMatch(w -> w.stage().equals("mel") && w.flops() > 0 && w.share() > 0));
    assertTrue(two.price().absent().containsKey("thd") && two.price().figures().value(Metric.TOKEN_AGREEMENT).orElseThrow() == 1);
    assertTrue(find(records, "one", "three").price().figures().value(Metric.SNR).isPresent());
    assertEquals(two.price().figures().value(Metric.ROUNDING_SNR), find(records, "one", "three").price().figures().value(Metric.ROUNDING_SNR));
    double rounding = two.price().figures().value(Metric.ROUNDING_SNR).orElseThrow();
    assertTrue(rounding > 20 && rounding < 140, "a millionth is 120 dB where nothing amplifies: " + rounding);
    assertEquals(2, find(records, "two-batched", "two").output().codes().size());
    assertEquals(StudyRecord.State.REFUSED, find(records, "one", "no graph").state());
    StudyRecord broken = find(records, "one", "too long");
    assertTrue(broken.state() == StudyRecord.State.FAILED && broken.message().contains("100000"), broken.message());
    double half = find(records, "one", "half").figures().value(Metric.WEIGHT_BYTES).orElseThrow();
    assertTrue(half < two.figures().value(Metric.WEIGHT_BYTES).orElseThrow());
    assertEquals(records, StudyRecords.read(folder.resolve("study").resolve(StudyRecords.FILE)));

    Path journal = folder.resolve("study").resolve(Journal.FILE);
    List<String> lines = Files.readAllLines(journal);
    List<String> kept = lines.stream().filter(line -> !line.contains("\"event\":\"sample\"")).toList();
    Files.write(journal, kept);
    Files.writeString(journal, lines.getLast().substring(0, 40), StandardOpenOption.APPEND); // the machine stopped in the middle of a line
    List<StudyRecord> again = run(YAML, 300);
    assertTrue(notes.stream().anyMatch(n -> n.startsWith("going on with ")), notes.toString());
    assertEquals(two.run(), again.getFirst().run());
    assertEquals(records.stream().map(StudyRecord::state).toList(), again.stream().map(StudyRecord::state).toList());
    assertEquals(records.stream().map(StudyRecord::price).toList(), again.stream().map(StudyRecord::price).toList());
    List<String> now = Files.readAllLines(journal);
    assertEquals(kept, now.subList(0, kept.size()));
    assertTrue(now.subList(kept.size(), now.size()).stream().noneMatch(line -> line.contains("\"event\":\"first\"")), "what is taken once is not taken again");
    assertThrows(StudyException.class, () -> run(YAML.replace("steps: 3", "steps: 4"), 300));
  }

  @Test
  void processesAddTheirRoundsAndTheLastOneWrites() throws Exception {
    String yaml = YAML.substring(0, YAML.indexOf("      three"));
    assertTrue(run(yaml, new Part(1, 2, Duration.ofSeconds(300))).isEmpty(), "it leaves the records to the last one");
    StudyRecord one = find(run(yaml, new Part(2, 2, Duration.ofSeconds(300))), "one", "two");
    String journal = Files.readString(folder.resolve("study").resolve(Journal.FILE));
    assertTrue(journal.contains("\"process\":1,\"round\":2") && journal.contains("\"process\":2,\"round\":2"), "both took their rounds");
    assertTrue(one.conditions().rounds() + one.conditions().disturbed() >= 4, "busy neighbours may disturb any of them");
    assertEquals(one.conditions().runs().size(), one.timings().get(StudyNames.TOTAL).samples().size());
    assertTrue(one.timings().get(StudyNames.TOTAL).bounded());
    assertTrue(one.conditions().runs().stream().allMatch(r -> r.calibration() > 0 && r.waited() >= 0));
    assertTrue(Files.notExists(folder.resolve("study/voices")), "voices are kept for the processes that follow, not longer");
  }

  @Test
  void withoutTimeEverythingIsStillWritten() throws Exception {
    List<StudyRecord> records = run(YAML, 1);
    assertEquals(10, records.size());
    assertTrue(records.stream().allMatch(r -> r.state() != StudyRecord.State.MEASURED && !r.message().isEmpty()));
  }
}
