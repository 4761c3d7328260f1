package dev.syrinx.model.gpt;

import dev.syrinx.backend.Ops;
import dev.syrinx.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of all layers. A row is a slot; which sequence and position it belongs to is the caller's business.
 *
 * @param keys of each layer {@code [slots, width]}
 * @param values of each layer {@code [slots, width]}
 */
public record KvCache(List<Tensor> keys, List<Tensor> values) {
  public KvCache {
    keys = List.copyOf(keys);
    values = List.copyOf(values);
  }

  /** Uninitialised temporaries. */
  public static KvCache allocate(Ops ops, int layers, int slots, int width) {
    List<Tensor> keys = new ArrayList<>();
    List<Tensor> values = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      keys.add(ops.empty(slots, width));
      values.add(ops.empty(slots, width));
    }
    return new KvCache(keys, values);
  }

  /** Rows of each tensor. */
  public int slots() {
    return keys.getFirst().rows();
  }

}
