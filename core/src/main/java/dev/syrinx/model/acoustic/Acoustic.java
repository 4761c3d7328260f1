package dev.syrinx.model.acoustic;

import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;

/** Matrices folded at load time, in double, and checks that several parts share. */
final class Acoustic {
  private Acoustic() {}

  static void oddTaps(StoredTensor convolution) {
    if (convolution.dim(-1) % 2 == 0) {
      throw new CheckpointException(
          "tensor '%s' %s: a convolution that keeps the length needs an odd width".formatted(convolution.name(), convolution.shape()));
    }
  }

  /** a·b of row-major a {@code [m, k]} and b {@code [k, n]}. */
  static float[] product(float[] a, float[] b, int k) {
    int m = a.length / k;
    int n = b.length / k;
    float[] result = new float[m * n];
    double[] row = new double[n];
    for (int i = 0; i < m; i++) {
      java.util.Arrays.fill(row, 0);
      for (int j = 0; j < k; j++) {
        double factor = a[i * k + j];
        for (int c = 0; c < n; c++) {
          row[c] += factor * b[j * n + c];
        }
      }
      for (int c = 0; c < n; c++) {
        result[i * n + c] = (float) row[c];
      }
    }
    return result;
  }

  /** The sum of two vectors. */
  static float[] sum(float[] a, float[] b) {
    float[] result = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      result[i] = a[i] + b[i];
    }
    return result;
  }

  /** Columns {@code from} to {@code to} of a row-major matrix of {@code width} columns. */
  static float[] columns(float[] matrix, int width, int from, int to) {
    int rows = matrix.length / width;
    float[] result = new float[rows * (to - from)];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(matrix, i * width + from, result, i * (to - from), to - from);
    }
    return result;
  }

  /** Writes {@code part [rows, n]} into the columns of {@code target [rows, width]} that begin at {@code column}. */
  static void setColumns(float[] target, int width, int column, float[] part) {
    int rows = target.length / width;
    int n = part.length / rows;
    for (int i = 0; i < rows; i++) {
      System.arraycopy(part, i * n, target, i * width + column, n);
    }
  }
}
