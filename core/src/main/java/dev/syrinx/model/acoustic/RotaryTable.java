package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Ops;
import dev.syrinx.tensor.Tensor;

/** Cosines and sines of position·10000^(−2i/d), the angle rounded to float32 as the reference does. */
final class RotaryTable {
  private static final double BASE = 10_000;

  private final int half;
  private final float[] angles;

  private RotaryTable(int half, float[] angles) {
    this.half = half;
    this.angles = angles;
  }

  /** @param headWidth even */
  static RotaryTable of(int positions, int headWidth) {
    int half = headWidth / 2;
    float[] angles = new float[positions * half];
    for (int i = 0; i < half; i++) {
      float frequency = 1f / (float) Math.pow(BASE, 2f * i / headWidth);
      for (int p = 0; p < positions; p++) {
        angles[p * half + i] = p * frequency;
      }
    }
    return new RotaryTable(half, angles);
  }

  /** {@code [positions, d/2]}. */
  Tensor cos(Ops ops) {
    return upload(ops, true);
  }

  /** {@code [positions, d/2]}. */
  Tensor sin(Ops ops) {
    return upload(ops, false);
  }

  private Tensor upload(Ops ops, boolean cosine) {
    float[] values = new float[angles.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (cosine ? Math.cos(angles[i]) : Math.sin(angles[i]));
    }
    return ops.upload(values, angles.length / half, half);
  }
}
