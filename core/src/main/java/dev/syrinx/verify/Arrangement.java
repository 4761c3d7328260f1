package dev.syrinx.verify;

import dev.syrinx.decode.StopReason;
import java.util.Arrays;

/** Layouts of golden arrays. */
final class Arrangement {
  private Arrangement() {}

  /** {@code [rows][columns]} as {@code [columns][rows]}. */
  static float[] transposed(float[] x, int columns) {
    int rows = x.length / Math.max(1, columns);
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i % columns * rows + i / columns] = x[i];
    }
    return y;
  }

  static float[] last(float[] x, int count) {
    return Arrays.copyOfRange(x, Math.max(0, x.length - count), x.length);
  }

  /** Every {@code step}-th row of a matrix of {@code columns}. */
  static float[] everyNth(float[] x, int columns, int step) {
    int rows = (x.length / columns + step - 1) / step;
    float[] y = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(x, r * step * columns, y, r * columns, columns);
    }
    return y;
  }

  /** Gap between the largest and the second-largest of each row of {@code columns}. */
  static float[] margins(float[] x, int columns) {
    float[] margins = new float[x.length / columns];
    for (int r = 0; r < margins.length; r++) {
      float best = Float.NEGATIVE_INFINITY;
      float second = Float.NEGATIVE_INFINITY;
      for (int i = r * columns; i < (r + 1) * columns; i++) {
        second = Math.max(second, Math.min(best, x[i]));
        best = Math.max(best, x[i]);
      }
      margins[r] = best - second;
    }
    return margins;
  }

  /** A flat array as rows. */
  static float[][] rows(float[] flat, int count) {
    int columns = flat.length / count;
    float[][] rows = new float[count][];
    for (int r = 0; r < count; r++) {
      rows[r] = Arrays.copyOfRange(flat, r * columns, (r + 1) * columns);
    }
    return rows;
  }

  /** Codes with the stop code after them where they ended with one and the golden sequence, too, keeps it. */
  static int[] ended(int[] codes, StopReason reason, int[] golden, int stopCode) {
    if (reason != StopReason.STOP_TOKEN || golden.length == 0 || golden[golden.length - 1] != stopCode) {
      return codes;
    }
    int[] all = Arrays.copyOf(codes, codes.length + 1);
    all[codes.length] = stopCode;
    return all;
  }
}
