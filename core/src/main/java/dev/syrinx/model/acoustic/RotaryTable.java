package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Ops;
import dev.syrinx.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Cosines and sines of position·10000^(−2i/d), the angle rounded to float32 as the reference does. A row depends on its position alone, so the longest table of a width
 * that was asked for serves all shorter ones: making one takes as long as a step of the flow on a GPU.
 */
final class RotaryTable {
  private static final double BASE = 10_000;

  /** Tables are made for a multiple of so many positions. */
  private static final int GRAIN = 1024;

  private static final Map<Integer, RotaryTable> LONGEST = new ConcurrentHashMap<>();

  private final int half;
  private final float[] cosines;
  private final float[] sines;

  private RotaryTable(int half, float[] cosines, float[] sines) {
    this.half = half;
    this.cosines = cosines;
    this.sines = sines;
  }

  /**
   * A table of at least so many positions.
   *
   * @param headWidth even
   */
  static RotaryTable of(int positions, int headWidth) {
    return LONGEST.compute(
        headWidth, (width, known) -> known != null && known.cosines.length >= positions * known.half ? known : made(Math.ceilDiv(positions, GRAIN) * GRAIN, width));
  }

  private static RotaryTable made(int positions, int headWidth) {
    int half = headWidth / 2;
    float[] cosines = new float[positions * half];
    float[] sines = new float[positions * half];
    for (int i = 0; i < half; i++) {
      float frequency = 1f / (float) Math.pow(BASE, 2f * i / headWidth);
      for (int p = 0; p < positions; p++) {
        float angle = p * frequency;
        cosines[p * half + i] = (float) Math.cos(angle);
        sines[p * half + i] = (float) Math.sin(angle);
      }
    }
    return new RotaryTable(half, cosines, sines);
  }

  /** {@code [positions, d/2]}. */
  Tensor cos(Ops ops, int positions) {
    return ops.upload(Arrays.copyOf(cosines, positions * half), positions, half);
  }

  /** {@code [positions, d/2]}. */
  Tensor sin(Ops ops, int positions) {
    return ops.upload(Arrays.copyOf(sines, positions * half), positions, half);
  }
}
