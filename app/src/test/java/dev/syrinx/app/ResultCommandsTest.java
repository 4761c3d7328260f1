package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.bench.study.Figures;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.StudyRecords;
import dev.syrinx.bench.study.Timing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench compare} and {@code bench report} on invented records. */
class ResultCommandsTest {
  @TempDir private Path folder;

  private static StudyRecord record(String machine, double... seconds) {
    return measured(machine, 2, seconds);
  }

  private static StudyRecord measured(String machine, int processes, double... seconds) {
    List<StudyRecord.Run> runs = IntStream.range(0, seconds.length).mapToObj(i -> new StudyRecord.Run(1 + i % processes, i, 0.01, 0)).toList();
    StudyRecord.Conditions conditions = new StudyRecord.Conditions("it", 1, seconds.length, 0, runs, 0, 0, Map.of(), Map.of(), List.of());
    return new StudyRecord(
        "run " + seconds[0], "report", "one", "full", "baseline", StudyRecord.State.MEASURED, "",
        new StudyRecord.Configuration("cpu", "invented", "full", Map.of("precision", "fp32"), 1, 1, 1, 1, 100, 50, 5, 2, 1, List.of()),
        new StudyRecord.Provenance("invented", "0", "0", Map.of()), Map.of(), machine, conditions,
        Map.of("total", Timing.of("s", java.util.Arrays.stream(seconds).boxed().toList())), List.of(), new StudyRecord.Roof(0, 0, ""), List.of(),
        new StudyRecord.Output(1, List.of(50), "0"), Figures.NONE,
            new StudyRecord.Price("itself", "own", Map.of("identical", 1.0), Map.of()));
  }

  private String study(String name, StudyRecord... records) throws Exception {
    StudyRecords.write(folder.resolve(name).resolve(StudyRecords.FILE), List.of(records));
    return folder.resolve(name).toString();
  }

  @Test
  void comparesAndGuardsAgainstRegressions() throws Exception {
    String before = study("before", record("a", 1, 1.01, 0.99, 1, 1.02));
    String after = study("after", record("a", 1.2, 1.21, 1.19, 1.2, 1.22));
    Cli.Result compared = Cli.run("bench", "compare", before, after);
    assertEquals(ExitCode.OK, compared.code(), compared.err());
    assertTrue(compared.out().contains("1.199") && compared.out().contains("slower"), compared.out());
    assertEquals(ExitCode.FOUND, Cli.run("bench", "compare", before, after, "--fail-on-regression").code());
    assertEquals(ExitCode.FOUND,
        Cli.run("bench", "compare", after, "--baseline", folder.resolve("before").toString(), "--fail-on-regression", "5").code());
    assertEquals(ExitCode.OK, Cli.run("bench", "compare", before, after, "--fail-on-regression=30").code());
    assertEquals(ExitCode.OK, Cli.run("bench", "compare", after, before, "--fail-on-regression").code(), "faster is no regression");
    assertEquals(ExitCode.USAGE, Cli.run("bench", "compare", before).code());
    Cli.Result single = Cli.run("bench", "compare", before, study("single", measured("a", 1, 1.2, 1.21, 1.19, 1.2, 1.22)), "--fail-on-regression");
    assertEquals(ExitCode.INPUT, single.code(), "a gate that nothing can fail");
    assertTrue(single.err().contains("--processes 2"), single.err());
    Cli.Result machines = Cli.run("bench", "compare", before, study("there", record("b", 1, 1, 1, 1, 1)));
    assertEquals(ExitCode.INPUT, machines.code());
    assertTrue(machines.err().contains("--across-machines"), machines.err());
  }

  @Test
  void writesPageTableAndMarkdown() throws Exception {
    String study = study("made", record("a", 1, 1.01));
    assertEquals(ExitCode.OK, Cli.run("bench", "report", study).code());
    assertTrue(Files.readString(folder.resolve("made/index.html")).startsWith("<!DOCTYPE html>"));
    assertTrue(Files.readString(folder.resolve("made/records.csv")).startsWith("schema,run,study"));
    Path markdown = folder.resolve("all.md");
    assertEquals(ExitCode.OK, Cli.run("bench", "report", folder.toString(), "-o", markdown.toString()).code());
    assertTrue(Files.readString(markdown).contains("## Study made/records.jsonl"));
    assertEquals(ExitCode.USAGE, Cli.run("bench", "report", study, "-o", folder.resolve("page.pdf").toString()).code());
    Files.writeString(folder.resolve("made/records.jsonl"), "{\"schema\":\"other\"}\n");
    Cli.Result other = Cli.run("bench", "report", study, "-o", folder.resolve("page.html").toString());
    assertEquals(ExitCode.INPUT, other.code());
    assertTrue(other.err().contains("line 1") && other.err().contains("'other'"), other.err());
    assertFalse(Files.exists(folder.resolve("page.html")));
  }
}
