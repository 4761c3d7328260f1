package dev.syrinx.weights;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A view of another source under other names. */
final class RenamedSource implements WeightSource {
  private final WeightSource base;
  private final String origin;
  private final Map<String, String> originals;

  private RenamedSource(WeightSource base, String origin, Map<String, String> originals) {
    this.base = base;
    this.origin = origin;
    this.originals = originals;
  }

  static WeightSource only(WeightSource base, String prefix) {
    Map<String, String> originals = new LinkedHashMap<>();
    for (String name : base.names()) {
      if (name.startsWith(prefix)) {
        originals.put(name.substring(prefix.length()), name);
      }
    }
    return new RenamedSource(base, base.origin() + ", " + prefix + "*", originals);
  }

  static WeightSource stripped(WeightSource base, String prefix) {
    Map<String, String> originals = new LinkedHashMap<>();
    for (String name : base.names()) {
      String other = originals.put(name.startsWith(prefix) ? name.substring(prefix.length()) : name, name);
      if (other != null) {
        throw new CheckpointException("%s: '%s' and '%s' mean the same tensor".formatted(base.origin(), other, name));
      }
    }
    return new RenamedSource(base, base.origin(), originals);
  }

  @Override
  public String origin() {
    return origin;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(originals.keySet());
  }

  @Override
  public StoredTensor tensor(String name) {
    String original = originals.get(name);
    if (original == null) {
      throw Names.missing(name, this);
    }
    return base.tensor(original).named(name);
  }
}
