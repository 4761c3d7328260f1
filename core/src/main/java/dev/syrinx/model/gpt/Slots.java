package dev.syrinx.model.gpt;

import dev.syrinx.tensor.Tensor;

/**
 * Where the sequences of a step lie in the cache; int32 on the device, read when the step runs.
 *
 * @param written {@code [batch]}: slot of each sequence's new position
 * @param table {@code [batch, capacity]}: slot of each position; sequences share slots where they share a past
 * @param lengths {@code [batch]}: positions of each sequence, the new one included
 */
public record Slots(Tensor written, Tensor table, Tensor lengths) {}
