package dev.syrinx.kernels.conv;

import java.util.Arrays;
import java.util.Comparator;

/** What stands before the first and behind the last row of a padded matrix, by the number that kernels receive. */
public enum PadMode {
  /** Zeros. */
  ZERO(0),
  /** The rows mirrored at the edge row, which is not repeated: row −1 is row 1. Needs more rows than padding. */
  REFLECT(1),
  /** The edge row repeated. */
  EDGE(2);

  private static final PadMode[] BY_ID = Arrays.stream(values()).sorted(Comparator.comparingInt(PadMode::id)).toArray(PadMode[]::new);

  private final int id;

  PadMode(int id) {
    this.id = id;
  }

  /** The number that stands for this mode in kernel arguments. */
  public int id() {
    return id;
  }

  /** The mode of a number. */
  public static PadMode of(int id) {
    return BY_ID[id];
  }

  /** The row of {@code rows} that stands at {@code row}, which may lie outside; −1 for zeros. */
  public int source(int row, int rows) {
    if (row >= 0 && row < rows) {
      return row;
    }
    return switch (this) {
      case ZERO -> -1;
      case REFLECT -> row < 0 ? -row : 2 * (rows - 1) - row;
      case EDGE -> row < 0 ? 0 : rows - 1;
    };
  }
}
