package dev.syrinx.model.vocoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.model.MapSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.TensorTable;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Transposed convolution as a matrix product, against its definition as a sum of shifted kernels. */
class UpsamplerTest {
  private static final int INPUTS = 5;
  private static final int CHANNELS = 3;
  private final Random random = new Random(7);

  @ParameterizedTest
  @CsvSource({"4, 8", "2, 4", "1, 1", "3, 3", "3, 7", "5, 11", "4, 12", "2, 16", "5, 15", "1, 5"})
  void equalsTheDefinition(int rate, int width) {
    int time = 6;
    float[] x = floats(time * INPUTS);
    float[] weight = floats(INPUTS * CHANNELS * width);
    float[] bias = floats(CHANNELS);
    try (Backend backend = new CpuBackend(1, false)) {
      Upsampler upsampler = load(backend, weight, bias, rate, width);
      Ops ops = new Ops(backend, Taps.NONE);
      Tensor padded = ops.zeros(upsampler.before() + time + upsampler.behind(), INPUTS);
      ops.copyInto(ops.upload(x, time, INPUTS), padded.rows(upsampler.before(), upsampler.before() + time));
      Tensor y = upsampler.apply(ops, padded, time, ops.empty(upsampler.capacity(time), CHANNELS));
      assertEquals(rate * time, y.rows());
      assertArrayEquals(definition(x, weight, bias, rate, width, time), ops.download(y), 1e-5f);
    }
  }

  @Test
  void aWidthThatChangesTheLengthIsRefused() {
    try (Backend backend = new CpuBackend(1, false)) {
      for (int width : new int[] {2, 5}) {
        float[] weight = floats(INPUTS * CHANNELS * width);
        CheckpointException e = assertThrows(CheckpointException.class, () -> load(backend, weight, floats(CHANNELS), 4, width));
        assertTrue(e.getMessage().contains("not " + width), e.getMessage());
      }
    }
  }

  private static Upsampler load(Backend backend, float[] weight, float[] bias, int rate, int width) {
    MapSource source = new MapSource().with("ups.weight", weight, INPUTS, CHANNELS, width).with("ups.bias", bias, CHANNELS);
    TensorTable table = new TensorTable(source, "test");
    return Upsampler.load(table.under("ups"), INPUTS, CHANNELS, width, rate, 0.5f, new Parameters(backend, Precision.FP32));
  }

  /** Every input adds its kernel at rate·i − padding; the weights are halved, the bias is not. */
  private static float[] definition(float[] x, float[] weight, float[] bias, int rate, int width, int time) {
    float[] y = new float[rate * time * CHANNELS];
    for (int t = 0; t < rate * time; t++) {
      System.arraycopy(bias, 0, y, t * CHANNELS, CHANNELS);
    }
    for (int i = 0; i < time; i++) {
      for (int k = 0; k < width; k++) {
        int t = rate * i + k - (width - rate) / 2;
        for (int c = 0; t >= 0 && t < rate * time && c < CHANNELS; c++) {
          for (int j = 0; j < INPUTS; j++) {
            y[t * CHANNELS + c] += 0.5f * x[i * INPUTS + j] * weight[(j * CHANNELS + c) * width + k];
          }
        }
      }
    }
    return y;
  }

  private float[] floats(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return values;
  }
}
