package dev.syrinx.bench.report;

import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.synth.Stage;
import java.util.Arrays;
import java.util.List;

/** Timings that are stages of the engine. */
final class Stages {
  private Stages() {}

  /** Stages that at least one of the records timed, in the engine's order. */
  static List<String> of(List<StudyRecord> records) {
    return Arrays.stream(Stage.values()).map(Stage::label)
        .filter(name -> records.stream().anyMatch(r -> r.timings().containsKey(name))).toList();
  }
}
