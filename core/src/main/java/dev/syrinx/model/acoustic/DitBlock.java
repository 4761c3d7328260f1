package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Linear;
import dev.syrinx.nn.MatrixSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.Arrays;
import java.util.Optional;

/**
 * The matrices of one transformer block.
 *
 * @param query of the last block, whose queries are needed for some frames only; elsewhere part of {@code joint}
 * @param joint query, key and value {@code [3·width, width]}, or key and value {@code [2·width, width]} where the query is apart
 * @param output of attention
 * @param gate both inputs of the gated unit {@code [2·hidden, width]}, the second in parts of {@link #HEADROOM}
 * @param down {@code [width, hidden]}, of units in these parts
 * @param skip from the block's input beside the skip connection, in parts of {@link #HEADROOM}, {@code [width, 2·width]}
 */
record DitBlock(Optional<Linear> query, Linear joint, Linear output, Linear gate, Linear down, Optional<Linear> skip) {
  /**
   * Gated units, and what the skip matrix reads, are kept in parts of this, with weights that make up for it: halves end at 65504, which both may exceed. A power of two,
   * so that floats lose nothing by it.
   */
  static final float HEADROOM = 16f;

  /**
   * @param takesSkip whether the block reads a skip connection; the file has its matrix for every block
   * @param last whether this is the last block
   */
  static DitBlock load(TensorTable table, int width, boolean takesSkip, boolean last, Parameters parameters) {
    StoredTensor first = table.tensor("feed_forward.w1.weight", -1, width);
    int hidden = first.dim(0);
    StoredTensor third = table.tensor("feed_forward.w3.weight", hidden, width);
    float[] parts = new float[hidden];
    Arrays.fill(parts, 1 / HEADROOM);
    StoredTensor projections = table.tensor("attention.wqkv.weight", 3 * width, width);
    MatrixSource rows = MatrixSource.of(projections);
    int split = last ? width : 0;
    return new DitBlock(
        last ? Optional.of(parameters.linear(projections.name(), rows.rows(0, width), Optional.empty())) : Optional.empty(),
        parameters.linear(projections.name(), rows.rows(split, 3 * width), Optional.empty()),
        parameters.linear(table.tensor("attention.wo.weight", width, width), Optional.empty()),
        parameters.linear(first.name(), MatrixSource.below(MatrixSource.of(first), MatrixSource.of(third).scaled(parts)), Optional.empty()),
        parameters.linear(table.tensor("feed_forward.w2.weight", width, hidden), Optional.empty()),
        skip(table, width, takesSkip, parameters));
  }

  private static Optional<Linear> skip(TensorTable table, int width, boolean takesSkip, Parameters parameters) {
    if (!takesSkip) {
      table.ignore("skip_in_linear\\..*");
      return Optional.empty();
    }
    StoredTensor weight = table.tensor("skip_in_linear.weight", width, 2 * width);
    float[] whole = new float[width];
    Arrays.fill(whole, HEADROOM);
    float[] bias = table.tensor("skip_in_linear.bias", width).toFloats();
    return Optional.of(parameters.linear(weight.name(), MatrixSource.of(weight).scaled(whole), Optional.of(bias)));
  }

  /** Width of the gated unit's output. */
  int hidden() {
    return down.k();
  }
}
