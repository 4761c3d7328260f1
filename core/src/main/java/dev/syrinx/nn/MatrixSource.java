package dev.syrinx.nn;

import dev.syrinx.weights.StoredTensor;
import java.util.Arrays;
import java.util.List;

/**
 * A float32 matrix {@code [n, k]} that is read block by block, so that it never lies in memory as a whole: stored tensors, their
 * transpositions and joins, straight from the file. Several threads may read at once.
 */
public interface MatrixSource {
  /** Rows. */
  int n();

  /** Columns. */
  int k();

  /** Writes the rows of a block one after the other, the first at {@code into[at]}. */
  void read(Block block, float[] into, int at);

  /** A stored {@code [n, …]}: all axes but the first are one row. */
  static MatrixSource of(StoredTensor stored) {
    int n = stored.dim(0);
    int k = n == 0 ? 0 : Math.toIntExact(stored.elements() / n);
    return new RowByRow(n, k, (row, column, count, into, at) -> stored.read((long) row * k + column, count, into, at));
  }

  /** Rows in an array, which is not copied. */
  static MatrixSource of(float[] rows, int n, int k) {
    return new RowByRow(n, k, (row, column, count, into, at) -> System.arraycopy(rows, row * k + column, into, at, count));
  }

  /** Nothing but zeros. */
  static MatrixSource zeros(int n, int k) {
    return new RowByRow(n, k, (_, _, count, into, at) -> Arrays.fill(into, at, at + count, 0));
  }

  /** The columns of a stored {@code [k, n]} as rows. */
  static MatrixSource transposed(StoredTensor stored) {
    return new Transposed(stored);
  }

  /** A stored {@code [n, a, b, …]} as {@code [n][…][b][a]}: a convolution's channels are to be the fastest axis. */
  static MatrixSource reversed(StoredTensor stored) {
    return stored.rank() < 3 ? of(stored) : reversed(stored, stored.shape().stream().skip(1).mapToInt(Integer::intValue).toArray());
  }

  /** The same of a stored {@code [n, a·b·…]} whose inner axes are given. */
  static MatrixSource reversed(StoredTensor stored, int... inner) {
    return new Reversed(stored, inner);
  }

  /** Matrices of the same width one below the other. */
  static MatrixSource below(MatrixSource... parts) {
    return Joined.of(List.of(parts));
  }

  /** Some rows of this, {@code end} exclusive. */
  default MatrixSource rows(int first, int end) {
    return new RowByRow(end - first, k(), (row, column, count, into, at) ->
        read(new Block(first + row, first + row + 1, column, column + count), into, at));
  }

  /** Row i times {@code factors[i]}. */
  default MatrixSource scaled(float[] factors) {
    return new RowByRow(n(), k(), (row, column, count, into, at) -> {
      read(new Block(row, row + 1, column, column + count), into, at);
      float factor = factors[row];
      for (int i = at; i < at + count; i++) {
        into[i] *= factor;
      }
    });
  }
}
