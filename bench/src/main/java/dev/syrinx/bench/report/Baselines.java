package dev.syrinx.bench.report;

import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.StudyRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Stored runs, to compare new ones with. */
public final class Baselines {
  private Baselines() {}

  /** A stored run. */
  public record Stored(Path file, List<StudyRecord> records) {}

  /** Files of records under a folder, in the order of their names. */
  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(f -> f.toString().endsWith(".jsonl") && !f.endsWith("rounds.jsonl")).sorted().toList();
    }
  }

  /**
   * The newest stored run of the machine that some records are of.
   *
   * @throws IOException if a file cannot be read
   * @throws ComparisonException if there is none
   */
  public static Stored of(Path folder, List<StudyRecord> records) throws IOException {
    List<String> machines = records.stream().map(StudyRecord::machineHash).distinct().sorted().toList();
    List<Stored> stored = new java.util.ArrayList<>();
    for (Path file : files(folder)) {
      List<StudyRecord> found = StudyRecords.read(file);
      if (!found.isEmpty() && found.stream().map(StudyRecord::machineHash).distinct().sorted().toList().equals(machines)) {
        stored.add(new Stored(file, found));
      }
    }
    // Runs are named by their time.
    return stored.stream().max(Comparator.comparing(s -> s.records().getFirst().run())).orElseThrow(() -> new ComparisonException(
        "no run of this machine (" + String.join(", ", machines) + ") is stored under " + folder
            + ": store one there, it is the baseline of the next"));
  }
}
