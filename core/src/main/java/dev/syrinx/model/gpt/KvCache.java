package dev.syrinx.model.gpt;

import dev.syrinx.backend.Ops;
import dev.syrinx.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
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

  /** One buffer for all layers: for a pass that goes through them once and keeps nothing. */
  public static KvCache scratch(Ops ops, int layers, int slots, int width) {
    return new KvCache(Collections.nCopies(layers, ops.empty(slots, width)), Collections.nCopies(layers, ops.empty(slots, width)));
  }

  /** Rows of each tensor. */
  public int slots() {
    return keys.getFirst().rows();
  }

  /** A larger cache with the same content in the same slots, its memory from the open scope. */
  public KvCache grown(Ops ops, int slots) {
    KvCache larger = allocate(ops, keys.size(), slots, keys.getFirst().cols());
    for (int i = 0; i < keys.size(); i++) {
      ops.copyInto(keys.get(i), larger.keys.get(i).rows(0, slots()));
      ops.copyInto(values.get(i), larger.values.get(i).rows(0, slots()));
    }
    return larger;
  }

  /** Bytes of float32 keys and values held for each slot. */
  public long bytesPerSlot() {
    return 8L * keys.size() * keys.getFirst().cols();
  }
}
