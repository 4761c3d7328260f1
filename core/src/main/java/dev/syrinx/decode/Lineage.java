package dev.syrinx.decode;

/** A row of ints for each beam, which takes over its parent's when beams are reordered. Forking allocates nothing. */
final class Lineage {
  private int[][] rows;
  private int[][] spare;

  Lineage(int beams, int capacity) {
    rows = new int[beams][capacity];
    spare = new int[beams][capacity];
  }

  /** The row of a beam. */
  int[] of(int beam) {
    return rows[beam];
  }

  /**
   * Row b becomes a copy of the first {@code count} numbers of row parents[b].
   *
   * @return whether anything moved
   */
  boolean fork(int[] parents, int count) {
    if (isIdentity(parents)) {
      return false;
    }
    for (int beam = 0; beam < parents.length; beam++) {
      System.arraycopy(rows[parents[beam]], 0, spare[beam], 0, count);
    }
    int[][] swap = rows;
    rows = spare;
    spare = swap;
    return true;
  }

  private static boolean isIdentity(int[] parents) {
    for (int beam = 0; beam < parents.length; beam++) {
      if (parents[beam] != beam) {
        return false;
      }
    }
    return true;
  }

  /** Longer rows with the same content. */
  Lineage grown(int capacity) {
    Lineage larger = new Lineage(rows.length, capacity);
    for (int beam = 0; beam < rows.length; beam++) {
      System.arraycopy(rows[beam], 0, larger.rows[beam], 0, Math.min(rows[beam].length, capacity));
    }
    return larger;
  }
}
