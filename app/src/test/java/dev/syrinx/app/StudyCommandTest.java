package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.StudyRecords;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StudyCommandTest {
  private static final String MATRIX = """
      texts: [one]
      text-tokens: 4
      rounds: 1
      processes: 1
      settings: {codes: 5, steps: 2}
      studies: {kv: {baseline: paged, cells: {paged: {}, contiguous: {kv: contiguous}, broken: {steps: 11, schedule: epss}}}}
      """;

  @TempDir private Path folder;

  private String matrix(String text) throws Exception {
    return Files.writeString(folder.resolve("m.yaml"), text).toString();
  }

  @Test
  void aMatrixBecomesRecordsTableAndPage() throws Exception {
    Path out = folder.resolve("study");
    Cli.Result run = Cli.run(
        "bench", "study", "--device", "cpu", "--random-model", "odd", "--matrix", matrix(MATRIX), "-o", out.toString(), "--profile", folder.resolve("p.jfr").toString());
    assertEquals(ExitCode.OK, run.code(), run.err());
    assertTrue(run.out().contains("3 records, {measured=2, refused=1}"), run.out());
    List<StudyRecord> records = StudyRecords.read(out.resolve(StudyRecords.FILE));
    assertEquals(List.of("paged", "contiguous", "broken"), records.stream().map(StudyRecord::cell).toList());
    assertTrue(Files.size(out.resolve("records.csv")) > 0 && Files.size(out.resolve("index.html")) > 0 && Files.size(folder.resolve("p.jfr")) > 0);
    Cli.Result other = Cli.run(
        "bench", "study", "--device", "cpu", "--random-model", "odd", "--matrix", matrix(MATRIX.replace("steps: 2", "steps: 3")), "-o", out.toString());
    assertEquals(ExitCode.INPUT, other.code(), other.err());
    assertTrue(other.err().contains("holds another study"), other.err());
  }

  @Test
  void whatIsWrongIsSaid() throws Exception {
    Cli.Result matrix = Cli.run("bench", "study", "--device", "cpu", "--random-model", "odd", "--matrix", matrix(MATRIX.replace("kv: contiguous", "vk: contiguous")));
    assertEquals(ExitCode.INPUT, matrix.code(), matrix.err());
    assertTrue(matrix.err().contains("study kv, cell contiguous: 'vk' is none of"), matrix.err());
    assertEquals(ExitCode.INPUT, Cli.run("bench", "study", "--device", "cpu", "--matrix", folder.resolve("none.yaml").toString()).code());
    assertEquals(ExitCode.USAGE, Cli.run("bench", "study", "--quick", "--matrix", "full").code());
    assertEquals(ExitCode.USAGE, Cli.run("bench", "study", "--quick", "--model", "x", "--random-model", "odd").code());
    assertEquals(ExitCode.USAGE, Cli.run("bench", "study", "--quick", "--budget", "0").code());
    assertEquals(ExitCode.USAGE, Cli.run("bench", "study", "--quick", "--processes", "0").code());
    assertEquals(ExitCode.USAGE, Cli.run("bench", "study", "--quick", "--index-tts", "x").code());
    assertEquals(ExitCode.USAGE, Cli.run("bench", "study", "--quick", "--python", "p", "--official", "lazy").code());
    assertEquals(ExitCode.INPUT, Cli.run("bench", "study", "--quick", "--device", "cpu", "--voices", "nobody.wav").code());
  }
}
