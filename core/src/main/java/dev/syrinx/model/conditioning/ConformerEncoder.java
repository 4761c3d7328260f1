package dev.syrinx.model.conditioning;

import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.TensorTable;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Features of a recording to frames of half the rate.
 *
 * @param positions {@code [limit, d]} as stored: the checkpoint's table is rounded, so it is not recomputed
 */
record ConformerEncoder(Subsampling subsampling, Tensor positions, List<ConformerBlock> blocks, Norm norm) {
  static ConformerEncoder load(TensorTable table, Parameters parameters) {
    Subsampling subsampling = Subsampling.load(table.under("embed"), parameters);
    int d = subsampling.out().n();
    var positions = table.tensor("embed.pos_enc.pe", 1, -1, d);
    int count = (int) table.under("encoders").names().stream().map(name -> name.split("\\.", 2)[0]).distinct().count();
    List<ConformerBlock> blocks = IntStream.range(0, Math.max(1, count)) // none at all: the first is what is missing
        .mapToObj(i -> ConformerBlock.load(table.under("encoders." + i), d, parameters)).toList();
    return new ConformerEncoder(
        subsampling, parameters.tensor(positions.toFloats(), positions.dim(1), d), blocks,
        ConformerBlock.norm(table, "after_norm", d, parameters));
  }

  /** Output channels. */
  int width() {
    return subsampling.out().n();
  }

  /**
   * x {@code [t, width]} to {@code [⌊(t−1)/2⌋, d]}.
   *
   * @param valid output frames that count
   * @param tap name under which intermediate results are shown
   */
  Tensor forward(Ops ops, Tensor x, int valid, String tap) {
    int frames = Subsampling.frames(x.rows());
    if (frames > positions.rows()) {
      throw new ShapeException("conditioning on " + x.rows() + " frames of features: the position table ends at " + positions.rows()
          + " frames of half the rate");
    }
    Tensor y = ops.empty(frames, width());
    try (var _ = ops.scope()) {
      Tensor h = subsampling.forward(ops, x, (float) Math.sqrt(width()));
      ops.tap(tap + "subsampled", h);
      for (ConformerBlock block : blocks) {
        h = block.forward(ops, h, positions.rows(0, frames), valid);
      }
      ops.layerNormInto(h, norm, y);
    }
    ops.tap(tap + "conformer", y);
    return y;
  }
}
