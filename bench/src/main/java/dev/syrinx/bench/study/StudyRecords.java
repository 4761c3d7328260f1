package dev.syrinx.bench.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files of records: one JSON object a line. */
public final class StudyRecords {
  /** Name of the file in a study's folder. */
  public static final String FILE = "records.jsonl";

  private StudyRecords() {}

  /**
   * All records of a file.
   *
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException naming the file and the line that is no record
   */
  public static List<StudyRecord> read(Path file) throws IOException {
    List<StudyRecord> records = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      try {
        records.add(StudyRecord.parse(lines.get(i)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(file + ", line " + (i + 1) + ": " + e.getMessage(), e);
      }
    }
    return records;
  }

  /**
   * Writes records; the file appears only when it is whole.
   *
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, List<StudyRecord> records) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path made = folder.resolve("." + file.getFileName() + ".tmp"); // a temporary file of the system would be its owner's alone
    StringBuilder text = new StringBuilder();
    records.forEach(r -> text.append(r.json()).append('\n'));
    Files.writeString(made, text);
    Files.move(made, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }
}
