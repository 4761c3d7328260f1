package dev.syrinx.weights;

import dev.syrinx.weights.TorchValue.Dictionary;
import dev.syrinx.weights.TorchValue.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The tensors among the entries of one dictionary of an archive. */
final class TorchDictionarySource implements WeightSource {
  private final TorchArchive archive;
  private final String origin;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  TorchDictionarySource(TorchArchive archive, String origin, Dictionary dictionary) {
    this.archive = archive;
    this.origin = origin;
    dictionary.entries().forEach((key, value) -> {
      if (key instanceof String name && value instanceof Tensor tensor) {
        tensors.put(name, tensor);
      }
    });
  }

  @Override
  public String origin() {
    return origin;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public StoredTensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw Names.missing(name, this);
    }
    return archive.read(origin, name, tensor);
  }
}
