package dev.syrinx.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.bench.report.Comparison.Verdict;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.StudyRecords;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
  private static final int CELLS = 1000;

  @TempDir private Path folder;

  private static List<StudyRecord> run(int seed, int cells, int rounds, IntToDoubleFunction middle) {
    return run(seed, cells, rounds, 2, middle);
  }

  private static List<StudyRecord> run(int seed, int cells, int rounds, int processes, IntToDoubleFunction middle) {
    Random random = new Random(seed);
    List<StudyRecord> records = new ArrayList<>();
    for (int i = 0; i < cells; i++) {
      double at = middle.applyAsDouble(i);
      records.add(SampleStudy.one("run " + seed, "cell " + i, SampleStudy.MACHINE,
          DoubleStream.generate(() -> at * Math.exp(0.05 * random.nextGaussian())).limit(rounds).boxed().toList(), processes));
    }
    return SampleStudy.filled(records);
  }

  @Test
  void twoRunsOfTheSameAgreeInAtLeast95OfHundredCells() {
    for (int rounds : new int[] {4, 6, 10}) {
      Comparison same = Comparison.of(run(1, CELLS, rounds, i -> 1 + i % 7), run(2, CELLS, rounds, i -> 1 + i % 7), "total", false);
      assertTrue(same.count(Verdict.EQUAL) >= 0.95 * CELLS, () -> rounds + " rounds: " + same.count(Verdict.EQUAL));
      assertEquals(CELLS, same.rows().size());
    }
  }

  @Test
  void whatIsSlowerIsFoundAndNothingElse() {
    Comparison changed = Comparison.of(run(3, 40, 9, i -> 1), run(4, 40, 9, i -> i < 4 ? 1.4 : i < 8 ? 0.7 : 1), "total", false);
    List<Verdict> verdicts = changed.rows().stream().map(Comparison.Row::verdict).toList();
    assertTrue(IntStream.range(0, 4).allMatch(i -> verdicts.get(i) == Verdict.SLOWER), verdicts::toString);
    assertTrue(IntStream.range(4, 8).allMatch(i -> verdicts.get(i) == Verdict.FASTER), verdicts::toString);
    assertEquals(List.of("cell 0", "cell 1", "cell 2", "cell 3"), changed.regressions(0.1).stream()
        .map(r -> r.cell().replace("report / one / ", "")).toList());
    assertTrue(changed.regressions(0.6).isEmpty(), "40 % slower is no regression of 60 %");
  }

  @Test
  void otherMachinesAndOtherTasksAreNotCompared() {
    StudyRecord here = SampleStudy.one("run", "full", "aaaa", List.of(1.0, 1.0, 1.0, 1.0, 1.0));
    StudyRecord there = SampleStudy.one("other run", "full", "bbbb", List.of(2.0, 2.0, 2.0, 2.0, 2.0));
    ComparisonException refused = assertThrows(ComparisonException.class, () ->
        Comparison.of(List.of(here), List.of(there), "total", false));
    assertTrue(refused.getMessage().contains("[aaaa]") && refused.getMessage().contains("--across-machines"), refused.getMessage());
    Comparison across = Comparison.of(List.of(here), List.of(there), "total", true);
    assertEquals(2, across.rows().getFirst().ratio().orElseThrow().value());
    assertTrue(across.notes().getFirst().contains("different machines"));
    StudyRecord gpu = SampleStudy.records(1).stream()
        .filter(r -> r.study().equals("report") && r.scenario().equals("one") && r.cell().equals("full")).findFirst().orElseThrow();
    assertEquals(Verdict.OTHER, Comparison.of(List.of(here), List.of(gpu), "total", true).rows().getFirst().verdict());
    assertThrows(ComparisonException.class, () ->
        Comparison.of(List.of(here), List.of(SampleStudy.one("run", "accel", "aaaa", List.of(1.0))), "total", false));
  }

  @Test
  void fewRoundsGiveNoVerdict() {
    Comparison few = Comparison.of(run(5, 1, 1, i -> 1), run(6, 1, 1, i -> 3), "total", false);
    assertEquals(Verdict.TOO_FEW, few.rows().getFirst().verdict());
    assertTrue(few.regressions(0).isEmpty());
  }

  /** However far they are apart: the second may have met a busy hour. */
  @Test
  void oneProcessGivesNoVerdict() {
    List<StudyRecord> single = run(8, 30, 6, 1, i -> 3);
    for (Comparison one : List.of(Comparison.of(run(7, 30, 6, i -> 1), single, "total", false), Comparison.of(single, run(7, 30, 6, i -> 1), "total", false))) {
      assertEquals(30, one.count(Verdict.TOO_FEW));
      assertEquals(0, one.relatives());
      assertTrue(one.notes().stream().anyMatch(n -> n.contains("one process")), one.notes()::toString);
    }
  }

  @Test
  void theBaselineIsTheNewestRunOfTheSameMachine() throws Exception {
    List<StudyRecord> records = SampleStudy.records(1);
    StudyRecords.write(Files.createDirectories(folder.resolve("old")).resolve("records.jsonl"), records);
    StudyRecords.write(folder.resolve("other.jsonl"), List.of(SampleStudy.one("run", "full", "bbbb", List.of(1.0))));
    assertEquals(folder.resolve("old/records.jsonl"), Baselines.of(folder, records).file());
    ComparisonException none = assertThrows(ComparisonException.class, () ->
        Baselines.of(folder, List.of(SampleStudy.one("run", "full", "cccc", List.of(1.0)))));
    assertTrue(none.getMessage().contains("cccc"), none.getMessage());
  }
}
