package dev.syrinx.model;

import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.WeightSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Tensors of a test. */
public final class MapSource implements WeightSource {
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

  /** Adds or replaces a tensor. */
  public MapSource with(StoredTensor tensor) {
    tensors.put(tensor.name(), tensor);
    return this;
  }

  /** Adds or replaces a tensor; the values are not copied. */
  public MapSource with(String name, float[] values, int... shape) {
    return with(StoredTensor.ofFloats(name, values, shape));
  }

  @Override
  public String origin() {
    return "test";
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public StoredTensor tensor(String name) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new CheckpointException("no tensor " + name);
    }
    return tensor;
  }
}
