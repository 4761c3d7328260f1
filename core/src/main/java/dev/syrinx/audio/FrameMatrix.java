package dev.syrinx.audio;

import java.util.Objects;

/** Rows of numbers, row-major. */
public final class FrameMatrix {
  private final float[] values;
  private final int rows;
  private final int columns;

  /**
   * @param values [rows, columns]: column c of row r at {@code r * columns + c}; not copied
   * @param rows usually frames, in time order
   * @param columns numbers per row
   * @throws IllegalArgumentException if the sizes do not fit the array
   */
  public FrameMatrix(float[] values, int rows, int columns) {
    if (rows < 0 || columns < 0 || (long) rows * columns != values.length) {
      throw new IllegalArgumentException("[" + rows + ", " + columns + "] does not describe " + values.length + " values");
    }
    this.values = values;
    this.rows = rows;
    this.columns = columns;
  }

  /** All numbers, row-major. */
  public float[] values() {
    return values;
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** Numbers per row. */
  public int columns() {
    return columns;
  }

  /** One number. */
  public float at(int row, int column) {
    return values[Objects.checkIndex(row, rows) * columns + Objects.checkIndex(column, columns)];
  }
}
