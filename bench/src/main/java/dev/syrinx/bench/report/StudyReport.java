package dev.syrinx.bench.report;

import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.StudyRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What people read of a study: made from its records, again at any time. */
public final class StudyReport {
  /** Name of the table in a study's folder. */
  public static final String TABLE = "records.csv";

  /** Name of the page in a study's folder. */
  public static final String PAGE = "index.html";

  private StudyReport() {}

  /**
   * Writes the table and the page beside the records of a study's folder.
   *
   * @throws IOException if the records cannot be read or the reports not written
   * @throws IllegalArgumentException naming file and line of what is no record
   */
  public static void write(Path folder) throws IOException {
    List<StudyRecord> records = StudyRecords.read(folder.resolve(StudyRecords.FILE));
    Files.writeString(folder.resolve(TABLE), Csv.text(records));
    Files.writeString(folder.resolve(PAGE), Page.html(records));
  }
}
