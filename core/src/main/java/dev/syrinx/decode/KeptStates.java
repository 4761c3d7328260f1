package dev.syrinx.decode;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.View;
import dev.syrinx.tensor.Tensor;

/** The last block's output of every step of a sequence, for latents without a second pass. */
final class KeptStates implements AutoCloseable {
  private final Ops ops;
  private final Backend.Reserved memory;
  private final Tensor rows;

  /** @param steps most that are kept */
  KeptStates(Ops ops, int steps, int width) {
    this.ops = ops;
    memory = ops.backend().reserve(4L * Math.max(1, steps) * width);
    rows = Tensor.of(View.of(memory.memory(), DType.F32, Math.max(1, steps), width));
  }

  /** Keeps a step's row {@code [1, d]}; steps beyond the last, which run ahead of what is known, are dropped. */
  void keep(int step, Tensor row) {
    if (step < rows.rows()) {
      ops.copyInto(row, rows.rows(step, step + 1));
    }
  }

  /** {@code [steps, d]}. */
  Tensor rows() {
    return rows;
  }

  @Override
  public void close() {
    memory.close();
  }
}
