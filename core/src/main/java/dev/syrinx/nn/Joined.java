package dev.syrinx.nn;

import java.util.List;

/** Matrices of the same width, one below the other. */
record Joined(int n, int k, List<MatrixSource> parts) implements MatrixSource {
  static Joined of(List<MatrixSource> parts) {
    int k = parts.getFirst().k();
    int n = 0;
    for (MatrixSource part : parts) {
      if (part.k() != k) {
        throw new IllegalArgumentException("rows of " + part.k() + " elements below rows of " + k);
      }
      n = Math.addExact(n, part.n());
    }
    return new Joined(n, k, List.copyOf(parts));
  }

  @Override
  public void read(Block block, float[] into, int at) {
    int first = 0;
    int next = at;
    for (MatrixSource part : parts) {
      int from = Math.clamp((long) block.fromRow() - first, 0, part.n());
      int to = Math.clamp((long) block.toRow() - first, 0, part.n());
      if (from < to) {
        part.read(block.withRows(from, to), into, next);
        next += (to - from) * block.columns();
      }
      first += part.n();
    }
  }
}
