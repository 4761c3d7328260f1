package dev.syrinx.model.gpt;

import dev.syrinx.tensor.Tensor;

/**
 * Where the sequences of a step lie in the cache; int32 on the device, read when the step runs.
 *
 * @param written {@code [batch]}: slot of each sequence's new position; negative for none
 * @param table {@code [batch, capacity]}: block of each run of positions; sequences share slots where they share a past
 * @param lengths {@code [batch]}: positions of each sequence, the new one included
 * @param blockSize positions of a block: position p lies in slot {@code table[b, p / blockSize]·blockSize + p % blockSize}
 */
public record Slots(Tensor written, Tensor table, Tensor lengths, int blockSize) {
  /** A table of slots: blocks of one. */
  public Slots(Tensor written, Tensor table, Tensor lengths) {
    this(written, table, lengths, 1);
  }
}
