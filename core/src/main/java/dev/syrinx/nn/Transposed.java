package dev.syrinx.nn;

import dev.syrinx.weights.StoredTensor;

/** The columns of a stored {@code [k, n]} as rows. */
record Transposed(StoredTensor stored) implements MatrixSource {
  /** Stored rows read at a time: as many floats as a cache line holds, because they are written next to each other. */
  private static final int DEPTH = 16;

  @Override
  public int n() {
    return stored.dim(1);
  }

  @Override
  public int k() {
    return stored.dim(0);
  }

  @Override
  public void read(Block block, float[] into, int at) {
    int rows = block.rows();
    int stride = rows + DEPTH; // no power of two, which would put a whole column into one set of the cache
    float[] strip = new float[DEPTH * stride];
    for (int i = 0; i < block.columns(); i += DEPTH) {
      int depth = Math.min(DEPTH, block.columns() - i);
      for (int d = 0; d < depth; d++) {
        stored.read((long) (block.fromColumn() + i + d) * n() + block.fromRow(), rows, strip, d * stride);
      }
      for (int j = 0; j < rows; j++) {
        int row = at + j * block.columns() + i;
        for (int d = 0; d < depth; d++) {
          into[row + d] = strip[d * stride + j];
        }
      }
    }
  }
}
