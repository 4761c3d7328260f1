package dev.syrinx.nn;

/** A matrix whose rows are read one at a time. */
record RowByRow(int n, int k, RowReader reader) implements MatrixSource {
  @Override
  public void read(Block block, float[] into, int at) {
    int next = at;
    for (int row = block.fromRow(); row < block.toRow(); row++) {
      reader.read(row, block.fromColumn(), block.columns(), into, next);
      next += block.columns();
    }
  }

  /** Reads {@code count} columns of one row. */
  @FunctionalInterface
  interface RowReader {
    void read(int row, int column, int count, float[] into, int at);
  }
}
