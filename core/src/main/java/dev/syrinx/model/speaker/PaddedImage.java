package dev.syrinx.model.speaker;

import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Rows;
import dev.syrinx.tensor.Tensor;

/**
 * Channels over time and frequency with a border of zeros, {@code [time + 2, bins + 2, channels]}: what a 3×3 convolution of padding 1
 * reads. In this order the three bins of a window are one run of memory, so that such a convolution is a matrix product with three taps,
 * one for each time, and time is the batch.
 *
 * <p>Writers leave the border alone, so a buffer can be written again and again.
 *
 * @param memory all elements in one axis
 */
record PaddedImage(Tensor memory, int time, int bins, int channels) {
  static PaddedImage zeros(Ops ops, int time, int bins, int channels) {
    Tensor memory = ops.zeros(Math.multiplyExact(Math.multiplyExact(time + 2, bins + 2), channels));
    return new PaddedImage(memory, time, bins, channels);
  }

  private int plane() {
    return (bins + 2) * channels;
  }

  /** From the first element inside the border. */
  Tensor interior() {
    return memory.rows(plane() + channels, memory.rows());
  }

  /** The elements inside the border, as a product writes them. */
  Rows cells() {
    return new Rows(interior(), time, bins, channels, plane(), 1, 0);
  }

  /** Every {@code stride}-th bin, as a 1×1 convolution reads them. */
  Rows cells(int stride) {
    return new Rows(interior(), time, strided(bins, stride), stride * channels, plane(), 1, 0);
  }

  /** The 3×3 windows around every {@code stride}-th bin: three runs of three bins. */
  Rows windows(int stride) {
    return new Rows(memory, time, strided(bins, stride), stride * channels, plane(), 3, plane());
  }

  /** All rows of time, border included: {@code [time + 2, (bins + 2)·channels]}. */
  Tensor planes() {
    return memory.reshape(time + 2, plane());
  }

  /** Bins that are left of a convolution of that stride. */
  static int strided(int bins, int stride) {
    return (bins + stride - 1) / stride;
  }
}
