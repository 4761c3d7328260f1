package dev.syrinx.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.bench.study.StudyRecords;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
  @TempDir private Path folder;

  @Test
  void theCommittedFileIsMadeFromTheCommittedResults() throws Exception {
    assertEquals(
        Results.markdown(Path.of("results")), Files.readString(Path.of("RESULTS.md")),
        "bench/RESULTS.md is not up to date: run ./syrinx bench report bench/results -o bench/RESULTS.md and commit what it writes");
  }

  @Test
  void everyResultIsNamed() throws Exception {
    String text = Results.markdown(Path.of("results"));
    try (Stream<Path> files = Files.walk(Path.of("results"))) {
      for (Path file : files.filter(f -> f.toString().matches(".*\\.jsonl?") && !f.endsWith("rounds.jsonl")).toList()) {
        assertTrue(text.contains("](results/" + Path.of("results").relativize(file).toString().replace('\\', '/') + ")"), file.toString());
      }
    }
  }

  @Test
  void aStudyBecomesTheReportsTable() throws Exception {
    StudyRecords.write(folder.resolve("study.jsonl"), SampleStudy.records(1));
    Files.writeString(folder.resolve("odd.json"), "{\"cases\": \"none\", \"<b>\": \"a | b\"}");
    String text = Results.markdown(folder);
    for (String row : new String[] {"| one speaker, baseline | 1.", "| four speakers, in turn, full | ", "| emotion by vector, accel | ",
        "### waterfall, one speaker", "- launch, one, jcuda &lt;script&gt;"}) {
      assertTrue(text.contains(row), row);
    }
    assertTrue(text.contains("&lt;b&gt; a \\| b"), text);
    assertFalse(text.contains("<script>"));
  }
}
