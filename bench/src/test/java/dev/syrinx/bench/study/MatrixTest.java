package dev.syrinx.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.nn.Precision;
import dev.syrinx.synth.Switches;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class MatrixTest {
  @TestFactory
  Stream<DynamicTest> shippedMatrices() {
    return Matrix.SHIPPED.stream().map(name -> DynamicTest.dynamicTest(name, () -> {
      Matrix matrix = Matrix.shipped(name);
      List<Cell> onGpu = Cell.of(matrix, Switches.Target.GPU, 2);
      assertEquals(List.of(), onGpu.stream().filter(c -> c.setting().isEmpty()).map(c -> c.name() + ": " + c.refusal()).toList());
      Matrix.Question report = matrix.questions().getFirst();
      assertEquals(List.of("baseline", "accel", "full"), List.copyOf(report.cells().keySet()));
      assertTrue(report.scenarios().containsAll(List.of(
          Scenario.ONE, Scenario.TWO_BATCHED, Scenario.THREE_BATCHED, Scenario.FOUR_BATCHED, Scenario.EMOTION_AUDIO, Scenario.EMOTION_VECTOR)));
      assertTrue(name.equals("quick") || report.scenarios().containsAll(List.of(Scenario.TWO_SERIAL, Scenario.THREE_SERIAL, Scenario.FOUR_SERIAL)));
    }));
  }

  @Test
  void aCellIsAPresetWithSwitches() {
    Matrix matrix = Matrix.parse("m", """
        texts: [Hello.]
        settings: {codes: 9}
        studies:
          s:
            baseline: b
            cells:
              a: {preset: low-memory, steps: 10, graph: off, fusion: off}
              b: {beams: 2}
        """);
    List<Cell> cells = Cell.of(matrix, Switches.Target.GPU, 3);
    Setting a = cells.getFirst().setting().orElseThrow();
    assertEquals(Precision.INT8, a.switches().precision());
    assertEquals("10", a.words(Switches.Target.GPU).get("steps"));
    assertEquals("off", a.words(Switches.Target.GPU).get("graph"));
    assertEquals(List.of(9, 9), cells.stream().map(c -> c.setting().orElseThrow().codes()).toList());
    assertEquals(2, cells.get(1).setting().orElseThrow().beams());
    assertTrue(cells.getFirst().setting().orElseThrow().words(Switches.Target.CPU).keySet().stream().noneMatch(key -> key.equals("graph")));
    Cell onCpu = Cell.of(matrix, Switches.Target.CPU, 3).getFirst();
    assertTrue(onCpu.setting().isEmpty() && onCpu.refusal().contains("concerns a GPU"), onCpu.refusal());
  }

  @Test
  void eachQuestionHasItsFirstScenarioBeforeAnyHasItsSecond() {
    Matrix matrix = Matrix.parse("m", """
        texts: [Hello.]
        studies:
          first:
            scenarios: [emotion-audio, one, two-serial]
            cells: {a: {}, b: {beams: 2}}
          second: {cells: {c: {}}}
          third: {scenarios: [one, two-batched], cells: {d: {}}}
        """);
    List<Cell> all = Cell.of(matrix, Switches.Target.GPU, 1);
    assertEquals(
        List.of("emotion-audio a", "emotion-audio b", "one c", "one d", "one a", "one b", "two-batched d", "two-serial a", "two-serial b"),
        Cell.byImportance(all).stream().map(c -> c.scenario().label() + " " + c.name()).toList());
  }

  /** What the report of a GPU has to answer: every cell of it can be honoured, alone and together. */
  @Test
  void theReportAnswersTheOriginalsTableAndTheIssuesQuestions() {
    List<Cell> cells = Cell.of(Matrix.shipped("report"), Switches.Target.GPU, 1);
    for (String name : List.of("report", "full")) {
      for (Cell cell : Cell.of(Matrix.shipped(name), Switches.Target.GPU, 1)) {
        assertTrue(cell.setting().isPresent(), name + ", " + cell.name() + ": " + cell.refusal());
      }
    }
    assertEquals(27, cells.stream().filter(c -> c.question().name().equals("report")).count());
    assertEquals("0.0-0.5", cells.stream().filter(c -> c.name().equals("cfg until 0.5")).findFirst().orElseThrow().setting().orElseThrow().words(Switches.Target.GPU).get("cfg-interval"));
    assertTrue(cells.stream().anyMatch(c -> "ab2".equals(c.setting().orElseThrow().words(Switches.Target.GPU).get("solver"))));
  }

  @Test
  void whatContradictsItselfIsRefusedAndSaid() {
    String yaml = "texts: [Hello.]\nstudies: {s: {cells: {%s}}}";
    for (String[] bad : new String[][] {{"a: {latents: reuse, beams: 3}", "--beams 3"}, {"a: {steps: 11, schedule: epss}", "--steps 11"}, {"a: {kv: spiral}", "spiral"}, {"a: {cfg-interval: 0.5}", "FROM-TO"}, {"a: {solver: rk4}", "rk4"},
        {"a: {steps: many}", "many"}}) {
      Cell cell = Cell.of(Matrix.parse("m", yaml.formatted(bad[0])), Switches.Target.GPU, 1).getFirst();
      assertTrue(cell.setting().isEmpty() && cell.refusal().contains(bad[1]), cell.refusal());
    }
  }

  @Test
  void aWrongMatrixIsNamed() {
    String[][] wrong = {
      {"texts: [a]\nstudies: {s: {cells: {a: {presett: full}}}}", "study s, cell a: 'presett'"},
      {"texts: [a]\nstudies: {s: {scenarios: [ten], cells: {a: {}}}}", "'ten' is no scenario"},
      {"texts: [a]\nstudies: {s: {baseline: c, cells: {a: {}}}}", "baseline 'c'"},
      {"texts: []\nstudies: {s: {cells: {a: {}}}}", "'texts'"},
      {"texts: [a]\nrounds: none\nstudies: {s: {cells: {a: {}}}}", "'rounds'"},
      {"texts: [a\n", "no YAML"},
      {"texts: [a]\nstudies: 3", "studies"},
    };
    for (String[] one : wrong) {
      String message = assertThrows(MatrixException.class, () -> Matrix.parse("file", one[0])).getMessage();
      assertTrue(message.contains(one[1]) && message.startsWith("file"), message);
    }
  }
}
