package dev.syrinx.nn;

import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.View;
import dev.syrinx.weights.CheckpointException;
import java.lang.foreign.MemorySegment;

/** A block of a matrix in float32, and the same block in the storage type. One thread's. */
final class Slab {
  /** Room: 2 MiB of floats, what a core's second cache holds. */
  static final int ELEMENTS = 1 << 19;

  private static final float LARGEST_HALF = 65504f;
  private static final float LARGEST_BYTE = 127f;

  private final String name;
  private final Precision precision;
  private final float[] values;
  private final float[] magnitudes;
  private final short[] halves;
  private final byte[] bytes;

  /**
   * @param name of the tensor, for messages
   * @param elements most elements of a block, up to {@link #ELEMENTS}
   * @param magnitudes receives the largest magnitude of every row that is stored in 8 bits, by its index in the matrix; zeros before
   */
  Slab(String name, Precision precision, int elements, float[] magnitudes) {
    this.name = name;
    this.precision = precision;
    this.magnitudes = magnitudes;
    values = new float[elements];
    halves = new short[precision.dtype().bytes() == 2 ? elements : 0];
    bytes = new byte[precision.dtype().bytes() == 1 ? elements : 0];
  }

  /** What a value of the largest magnitude is divided by to be stored in 8 bits. */
  static float scale(float magnitude) {
    return magnitude / LARGEST_BYTE;
  }

  /** To be filled with a block's rows, from index 0 on. */
  float[] values() {
    return values;
  }

  /** Whether all blocks of a row have to be {@link #measure measured} before the first is {@link #stored}. */
  boolean measures() {
    return precision == Precision.INT8;
  }

  /** Takes the block's values into account for the magnitudes of its rows. */
  void measure(Block block) {
    int k = block.columns();
    for (int row = 0; row < block.rows(); row++) {
      float largest = magnitudes[block.fromRow() + row];
      for (int i = row * k; i < (row + 1) * k; i++) {
        largest = Math.max(largest, Math.abs(values[i]));
      }
      magnitudes[block.fromRow() + row] = largest;
    }
  }

  /**
   * The block in the storage type, valid until the next.
   *
   * @throws CheckpointException if a value cannot be stored
   */
  View stored(Block block) {
    int count = block.rows() * block.columns();
    MemorySegment converted =
        switch (precision) {
          case FP32 -> MemorySegment.ofArray(values);
          case FP16 -> halves(count);
          case BF16 -> brainFloats(count);
          case INT8 -> quantized(block);
        };
    return View.of(converted, precision.dtype(), block.rows(), block.columns());
  }

  private MemorySegment halves(int count) {
    for (int i = 0; i < count; i++) {
      if (!(Math.abs(values[i]) <= LARGEST_HALF)) {
        throw new CheckpointException(
            "tensor '" + name + "' holds " + values[i] + ", which fp16 cannot store; load it with precision fp32 or bf16");
      }
    }
    for (int i = 0; i < count; i++) {
      halves[i] = Float.floatToFloat16(values[i]);
    }
    return MemorySegment.ofArray(halves);
  }

  private MemorySegment brainFloats(int count) {
    for (int i = 0; i < count; i++) {
      halves[i] = DType.toBf16(values[i]);
    }
    return MemorySegment.ofArray(halves);
  }

  /** Symmetric rounding to ±127 per row. */
  private MemorySegment quantized(Block block) {
    int k = block.columns();
    for (int row = 0; row < block.rows(); row++) {
      float largest = magnitudes[block.fromRow() + row];
      if (!Float.isFinite(largest)) {
        throw new CheckpointException("tensor '" + name + "' row " + (block.fromRow() + row)
            + " is not finite and cannot be stored as int8; load it with precision fp32");
      }
      float scale = scale(largest);
      for (int i = row * k; i < (row + 1) * k; i++) {
        int q = largest == 0 ? 0 : Math.round(values[i] / scale);
        bytes[i] = (byte) Math.max(-127, Math.min(127, q));
      }
    }
    return MemorySegment.ofArray(bytes);
  }
}
