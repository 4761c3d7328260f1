package dev.syrinx.bench.study;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a study is run.
 *
 * @param folder where its journal and its records go; one that has a journal is gone on with
 * @param budget for everything, loading included
 * @param clips recordings of the speakers, in turn; the last is also the one whose emotion is taken
 * @param clipSeconds length of the longest that counts
 * @param threads of the CPU
 * @param version of the program
 * @param recognizer writes down what is said, where there is one
 */
public record StudyOptions(Path folder, Duration budget, List<Path> clips, double clipSeconds, int threads, String version, Optional<Recognizer> recognizer) {
  /** Copies the clips. */
  public StudyOptions {
    clips = List.copyOf(clips);
    if (clips.isEmpty()) {
      throw new IllegalArgumentException("a study needs a recording of a speaker at least");
    }
  }
}
