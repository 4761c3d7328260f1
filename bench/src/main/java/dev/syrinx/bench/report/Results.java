package dev.syrinx.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.StudyRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** All results of a folder as one Markdown file: made from the files, never by hand. */
public final class Results {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Results() {}

  /**
   * The file's text. It depends on the folder's files alone.
   *
   * @throws IOException if a file cannot be read
   * @throws IllegalArgumentException naming a file of records that is none
   */
  public static String markdown(Path folder) throws IOException {
    Markdown out = new Markdown();
    out.paragraph("# Results");
    out.paragraph("Made by `./syrinx bench report bench/results -o bench/RESULTS.md` from the files in [results](results), and checked by a test: not to be edited. "
        + "[README.md](README.md) says what each number is and how to measure again. Brackets hold the 95 % interval of a median.");
    for (Path file : Baselines.files(folder)) {
      List<StudyRecord> records = StudyRecords.read(file);
      StudyTables.write(out, name(folder, file), new Cells(records));
    }
    List<Path> files = singles(folder);
    for (ResultKind kind : ResultKind.values()) {
      boolean heading = false;
      for (Path file : files) {
        JsonNode json = JSON.readTree(file.toFile());
        if (ResultKind.of(json) == kind) {
          if (!heading) {
            out.paragraph("## " + kind.title());
            heading = true;
          }
          kind.write(out, name(folder, file), json);
        }
      }
    }
    return out.toString().stripTrailing() + "\n";
  }

  private static List<Path> singles(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(f -> f.toString().endsWith(".json")).sorted().toList();
    }
  }

  private static String name(Path folder, Path file) {
    return folder.relativize(file).toString().replace('\\', '/');
  }
}
