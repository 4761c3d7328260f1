package dev.syrinx.audio;

/**
 * Rows of numbers in time order, row-major.
 *
 * @param values [rows, columns]: column c of row r at {@code r * columns + c}
 * @param rows number of frames
 * @param columns numbers per frame
 */
public record FrameMatrix(float[] values, int rows, int columns) {
  /**
   * @throws IllegalArgumentException if the sizes do not fit the array
   */
  public FrameMatrix {
    if (rows < 0 || columns < 0 || (long) rows * columns != values.length) {
      throw new IllegalArgumentException("[" + rows + ", " + columns + "] does not describe " + values.length + " values");
    }
  }

  /** One number. */
  public float at(int row, int column) {
    return values[java.util.Objects.checkIndex(row, rows) * columns + java.util.Objects.checkIndex(column, columns)];
  }
}
