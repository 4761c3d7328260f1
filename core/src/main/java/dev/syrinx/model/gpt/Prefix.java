package dev.syrinx.model.gpt;

import dev.syrinx.tensor.Tensor;

/**
 * What the decoder reads before the first code: conditioning, duration and text rows.
 *
 * @param rows {@code [padding + p, d]}; the first rows are zeros
 * @param padding rows that stand for dropped ids. They are masked, so they are not computed: nothing depends on them
 * @param conditioning visible rows in front of the text: they depend on the voice alone
 */
public record Prefix(Tensor rows, int padding, int conditioning) {
  /** The rows that count: {@code [p, d]}. */
  public Tensor visible() {
    return rows.rows(padding, rows.rows());
  }

  /** Rows, padding included. */
  public int length() {
    return rows.rows();
  }
}
