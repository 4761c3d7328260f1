package dev.syrinx.audio;

import java.util.stream.IntStream;

/** Work on many items that do not depend on each other, side by side on the cores that are free. */
final class Chunks {
  private Chunks() {}

  /** What is done with the items from one number up to another. */
  @FunctionalInterface
  interface Work {
    void run(int from, int to);
  }

  /**
   * Does all of it. No result may depend on how the items are cut into chunks.
   *
   * @param least items that are worth a chunk
   */
  static void run(int count, int least, Work work) {
    int chunks = Math.max(1, Math.min(count / least, 4 * Runtime.getRuntime().availableProcessors()));
    IntStream.range(0, chunks).parallel().forEach(i -> work.run((int) ((long) count * i / chunks), (int) ((long) count * (i + 1) / chunks)));
  }
}
