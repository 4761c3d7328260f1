package dev.syrinx.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.syrinx.weights.StoredTensor;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every source, read in blocks of any size, is the matrix that plain loops make. */
class MatrixSourceTest {
  private final Random random = new Random(2);

  @Test
  void stored() {
    float[] values = values(37 * 2 * 5);
    holds(values, MatrixSource.of(StoredTensor.ofFloats("x", values, 37, 2, 5)), 37, 10);
    holds(values, MatrixSource.of(values, 37, 10), 37, 10);
    holds(new float[12], MatrixSource.zeros(3, 4), 3, 4);
  }

  @Test
  void transposed() {
    int k = 53;
    int n = 70;
    float[] values = values(k * n);
    float[] expected = new float[n * k];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < n; j++) {
        expected[j * k + i] = values[i * n + j];
      }
    }
    holds(expected, MatrixSource.transposed(StoredTensor.ofFloats("x", values, k, n)), n, k);
  }

  @Test
  void twoAxesReversed() {
    int n = 9;
    int channels = 11;
    int taps = 3;
    float[] values = values(n * channels * taps);
    float[] expected = new float[values.length];
    for (int j = 0; j < n; j++) {
      for (int c = 0; c < channels; c++) {
        for (int t = 0; t < taps; t++) {
          expected[(j * taps + t) * channels + c] = values[(j * channels + c) * taps + t];
        }
      }
    }
    holds(expected, MatrixSource.reversed(StoredTensor.ofFloats("x", values, n, channels, taps)), n, channels * taps);
    holds(expected, MatrixSource.reversed(StoredTensor.ofFloats("x", values, n, channels * taps), channels, taps), n, channels * taps);
  }

  @Test
  void threeAxesReversed() {
    int n = 4;
    int channels = 5;
    int bins = 3;
    int times = 2;
    float[] values = values(n * channels * bins * times);
    float[] expected = new float[values.length];
    int k = channels * bins * times;
    for (int i = 0; i < values.length; i++) {
      int time = i % times;
      int bin = i / times % bins;
      int channel = i / (times * bins) % channels;
      expected[i / k * k + (time * bins + bin) * channels + channel] = values[i];
    }
    holds(expected, MatrixSource.reversed(StoredTensor.ofFloats("x", values, n, channels, bins, times)), n, k);
  }

  @Test
  void joinedCutAndScaled() {
    float[] upper = values(6 * 7);
    float[] lower = values(4 * 7);
    float[] factors = values(8);
    float[] expected = new float[8 * 7];
    for (int i = 0; i < expected.length; i++) { // rows 1 to 9 of the two
      int at = i + 7;
      expected[i] = (at < upper.length ? upper[at] : lower[at - upper.length]) * factors[i / 7];
    }
    MatrixSource joined = MatrixSource.below(MatrixSource.of(upper, 6, 7), MatrixSource.of(lower, 4, 7));
    holds(expected, joined.rows(1, 9).scaled(factors), 8, 7);
    MatrixSource other = MatrixSource.zeros(1, 8);
    assertThrows(IllegalArgumentException.class, () -> MatrixSource.below(joined, other));
  }

  private float[] values(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  private void holds(float[] expected, MatrixSource source, int n, int k) {
    assertEquals(n, source.n());
    assertEquals(k, source.k());
    for (int turn = 0; turn < 20; turn++) {
      int row = turn == 0 ? 0 : random.nextInt(n);
      int column = turn == 0 ? 0 : random.nextInt(k);
      Block block = new Block(
          row, turn == 0 ? n : row + 1 + random.nextInt(n - row), column, turn == 0 ? k : column + 1 + random.nextInt(k - column));
      float[] part = new float[block.rows() * block.columns() + 4];
      source.read(block, part, 2);
      float[] wanted = new float[part.length];
      for (int i = 0; i < block.rows(); i++) {
        System.arraycopy(expected, (row + i) * k + column, wanted, 2 + i * block.columns(), block.columns());
      }
      assertArrayEquals(wanted, part, block.toString());
    }
  }
}
