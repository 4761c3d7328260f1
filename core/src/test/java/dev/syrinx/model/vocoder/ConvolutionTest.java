package dev.syrinx.model.vocoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.model.MapSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Outputs together as one row of a wider product, against the definition of a convolution. */
class ConvolutionTest {
  private static final int CHANNELS = 5;
  private static final int LENGTH = 24;
  private final Random random = new Random(3);

  @ParameterizedTest
  @CsvSource({"3, 2", "3, 4", "7, 2", "7, 4", "11, 2", "11, 4", "11, 8", "1, 2", "5, 3"})
  void equalsTheDefinition(int taps, int together) {
    float[] x = floats(LENGTH * CHANNELS);
    float[] weight = floats(CHANNELS * CHANNELS * taps);
    float[] bias = floats(CHANNELS);
    float[] residual = floats(LENGTH * CHANNELS);
    try (Backend backend = new CpuBackend(1, false)) {
      Ops ops = new Ops(backend, Taps.NONE);
      TensorTable table = new TensorTable(new MapSource().with("weight", weight, CHANNELS, CHANNELS, taps).with("bias", bias, CHANNELS), "test");
      Convolution made = Convolution.widened(
          table.tensor("weight", CHANNELS, CHANNELS, taps), table.tensor("bias", CHANNELS), together, new Parameters(backend, Precision.FP32));
      assertEquals(together * CHANNELS, made.layer().n());
      int margin = made.margin() + 2;
      Tensor windows = ops.zeros(LENGTH + 2 * margin, CHANNELS);
      ops.copyInto(ops.upload(x, LENGTH, CHANNELS), windows.rows(margin, margin + LENGTH));
      Tensor y = ops.empty(LENGTH, CHANNELS);
      made.apply(ops, windows, margin, Optional.of(ops.upload(residual, LENGTH, CHANNELS)), y);
      assertArrayEquals(definition(x, weight, bias, residual, taps), ops.download(y), 1e-5f);
    }
  }

  private static float[] definition(float[] x, float[] weight, float[] bias, float[] residual, int taps) {
    float[] y = new float[LENGTH * CHANNELS];
    for (int t = 0; t < LENGTH; t++) {
      for (int o = 0; o < CHANNELS; o++) {
        double sum = (double) bias[o] + residual[t * CHANNELS + o];
        for (int tap = 0; tap < taps; tap++) {
          int from = t + tap - (taps - 1) / 2;
          for (int c = 0; c < CHANNELS && from >= 0 && from < LENGTH; c++) {
            sum += (double) weight[(o * CHANNELS + c) * taps + tap] * x[from * CHANNELS + c];
          }
        }
        y[t * CHANNELS + o] = (float) sum;
      }
    }
    return y;
  }

  private float[] floats(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }
}
