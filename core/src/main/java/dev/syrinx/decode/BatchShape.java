package dev.syrinx.decode;

/**
 * What a recorded step of several sequences is made for.
 *
 * @param sequences places for sequences
 * @param width rows of a sequence: its beams, idle ones behind them
 * @param columns blocks of a row at most
 * @param allotment blocks of a sequence's own at most
 * @param capacity ids of a history at most
 */
record BatchShape(int sequences, int width, int columns, int allotment, int capacity) {
  private static final int[] BUCKETS = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};

  /** Places for at least so many sequences: few different numbers, so that recordings are used again. */
  static int bucket(int sequences) {
    for (int size : BUCKETS) {
      if (size >= sequences) {
        return size;
      }
    }
    throw new IllegalArgumentException("no batch holds " + sequences + " sequences");
  }

  int rows() {
    return sequences * width;
  }

  /** Draws of a sequence. */
  int draws() {
    return 2 * width;
  }
}
