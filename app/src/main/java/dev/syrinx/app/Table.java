package dev.syrinx.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of text in aligned columns, two blanks apart; the last column is not padded. */
public final class Table {
  private final List<String[]> rows = new ArrayList<>();

  /** Starts with a line of headings. */
  public Table(String... headings) {
    rows.add(headings.clone());
  }

  /**
   * Adds a line.
   *
   * @throws IllegalArgumentException unless it has as many cells as there are headings
   */
  public Table row(String... cells) {
    if (cells.length != rows.getFirst().length) {
      String row = Arrays.toString(cells);
      throw new IllegalArgumentException("a row of " + cells.length + " cells in a table of " + rows.getFirst().length + ": " + row);
    }
    rows.add(cells.clone());
    return this;
  }

  /** The lines, headings first. */
  public List<String> lines() {
    int[] widths = new int[rows.getFirst().length];
    rows.forEach(row -> Arrays.setAll(widths, i -> Math.max(widths[i], row[i].length())));
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(String[] row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.length; i++) {
      line.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + 2));
    }
    return line.toString().stripTrailing();
  }

  @Override
  public String toString() {
    return String.join(System.lineSeparator(), lines());
  }
}
