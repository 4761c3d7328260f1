package dev.syrinx.model.emotion;

import dev.syrinx.backend.Ops;
import dev.syrinx.tensor.Tensor;

/**
 * Rotary angles of positions 0, 1, 2, ….
 *
 * @param cos {@code [positions, width/2]}
 * @param sin the same
 */
record Rotation(Tensor cos, Tensor sin) {
  /** Temporaries. Angles are products of float32 numbers, as in the reference. */
  static Rotation of(Ops ops, int positions, int width, double theta) {
    int half = width / 2;
    float[] cos = new float[positions * half];
    float[] sin = new float[cos.length];
    for (int i = 0; i < half; i++) {
      float frequency = (float) (1 / Math.pow(theta, 2.0 * i / width));
      for (int p = 0; p < positions; p++) {
        float angle = p * frequency;
        cos[p * half + i] = (float) Math.cos(angle);
        sin[p * half + i] = (float) Math.sin(angle);
      }
    }
    return new Rotation(ops.upload(cos, positions, half), ops.upload(sin, positions, half));
  }
}
