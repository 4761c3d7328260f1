package dev.syrinx.nn;

import dev.syrinx.weights.StoredTensor;
import java.util.stream.IntStream;

/** Rows {@code [a][b][c]} of a stored tensor as {@code [c][b][a]}, for any number of axes. */
final class Reversed implements MatrixSource {
  private final StoredTensor stored;
  private final int run;
  private final int step;
  private final int[] origins;

  /**
   * @param inner a, b, c: their product is the length of a row
   */
  Reversed(StoredTensor stored, int... inner) {
    this.stored = stored;
    run = inner[0];
    step = IntStream.of(inner).skip(1).reduce(1, Math::multiplyExact);
    origins = origins(step, inner);
  }

  @Override
  public int n() {
    return stored.dim(0);
  }

  @Override
  public int k() {
    return run * step;
  }

  @Override
  public void read(Block block, float[] into, int at) {
    int next = at;
    for (int row = block.fromRow(); row < block.toRow(); row++) {
      long start = (long) row * k();
      for (int column = block.fromColumn(); column < block.toColumn(); ) {
        int within = column % run;
        int count = Math.min(run - within, block.toColumn() - column);
        stored.read(start + (long) within * step + origins[column / run], step, count, into, next);
        column += count;
        next += count;
      }
    }
  }

  /** Where the first element of each run of a lies in a stored row. */
  private static int[] origins(int count, int... inner) {
    int[] origins = new int[count];
    for (int origin = 0; origin < count; origin++) {
      int rest = origin;
      int weight = count;
      int index = 0;
      for (int axis = inner.length - 1; axis > 0; axis--) {
        weight /= inner[axis];
        index += rest % inner[axis] * weight;
        rest /= inner[axis];
      }
      origins[index] = origin;
    }
    return origins;
  }
}
