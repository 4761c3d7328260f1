package dev.syrinx.nn;

/** The rows {@code fromRow} to {@code toRow} and columns {@code fromColumn} to {@code toColumn} of a matrix, ends exclusive. */
public record Block(int fromRow, int toRow, int fromColumn, int toColumn) {
  /** Number of rows. */
  public int rows() {
    return toRow - fromRow;
  }

  /** Number of columns. */
  public int columns() {
    return toColumn - fromColumn;
  }

  /** The same columns of other rows. */
  public Block withRows(int from, int to) {
    return new Block(from, to, fromColumn, toColumn);
  }
}
