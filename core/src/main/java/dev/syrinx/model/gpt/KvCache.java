package dev.syrinx.model.gpt;

import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.DType;
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

  /** Uninitialised temporaries, in float32. */
  public static KvCache allocate(Ops ops, int layers, int slots, int width) {
    return allocate(ops, layers, slots, width, DType.F32);
  }

  /** The same of a type: float32, or half precision. */
  public static KvCache allocate(Ops ops, int layers, int slots, int width, DType type) {
    List<Tensor> keys = new ArrayList<>();
    List<Tensor> values = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      keys.add(ops.empty(type, slots, width));
      values.add(ops.empty(type, slots, width));
    }
    return new KvCache(keys, values);
  }

  /** Rows of each tensor. */
  public int slots() {
    return keys.getFirst().rows();
  }

}
