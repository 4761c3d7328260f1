package dev.syrinx.bench.study;

import dev.syrinx.bench.peer.Peer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a study is run.
 *
 * @param folder where its journal and its records go; one that has a journal is gone on with
 * @param part this process's part of the study
 * @param clips recordings of the speakers, in turn; the last is also the one whose emotion is taken
 * @param clipSeconds length of the longest that counts
 * @param threads of the CPU
 * @param version of the program
 * @param peers other implementations to measure beside
 * @param recognizer writes down what is said, where there is one
 */
public record StudyOptions(Path folder, Part part, List<Path> clips, double clipSeconds, int threads, String version, List<Peer> peers, Optional<Recognizer> recognizer) {
  /** Copies the clips. */
  public StudyOptions {
    clips = List.copyOf(clips);
    peers = List.copyOf(peers);
    if (clips.isEmpty()) {
      throw new IllegalArgumentException("a study needs a recording of a speaker at least");
    }
  }
}
