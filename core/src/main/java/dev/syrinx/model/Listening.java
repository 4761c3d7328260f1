package dev.syrinx.model;

import dev.syrinx.model.semantic.SemanticFeatures;
import dev.syrinx.model.speaker.CamPlus;
import java.util.Optional;
import java.util.function.Supplier;

/** The networks that only a recording needs, loaded when the first of them is asked for: speech in a prepared voice does without. Safe for any number of threads. */
public final class Listening {
  /** Both networks. */
  record Networks(SemanticFeatures semantic, CamPlus speaker) {}

  private final Supplier<Networks> loading;
  private Optional<Networks> loaded = Optional.empty();

  private Listening(Supplier<Networks> loading) {
    this.loading = loading;
  }

  /** Networks that are here already. */
  static Listening of(Networks networks) {
    Listening made = new Listening(() -> networks);
    made.networks();
    return made;
  }

  /** Networks to be loaded when they are needed; what loading throws, the caller that needs them gets. */
  static Listening later(Supplier<Networks> loading) {
    return new Listening(loading);
  }

  SemanticFeatures semantic() {
    return networks().semantic();
  }

  CamPlus speaker() {
    return networks().speaker();
  }

  private synchronized Networks networks() {
    if (loaded.isEmpty()) {
      loaded = Optional.of(loading.get());
    }
    return loaded.get();
  }
}
