package dev.syrinx.decode;

import dev.syrinx.model.gpt.GptSession;
import java.util.Optional;

/** A request on its way: waiting, decoding or done. Its prompt stays in the cache until {@link Decoder#release}. */
public final class Pending {
  private final CodeRequest request;
  private Optional<Generation> generation = Optional.empty();
  private Optional<RuntimeException> failure = Optional.empty();
  private Optional<GptSession> session = Optional.empty();

  private Optional<KeptStates> states = Optional.empty();

  Pending(CodeRequest request) {
    this.request = request;
  }

  CodeRequest request() {
    return request;
  }

  boolean done() {
    return generation.isPresent() || failure.isPresent();
  }

  void opened(GptSession made) {
    session = Optional.of(made);
  }

  void keeps(KeptStates made) {
    states = Optional.of(made);
  }

  Optional<KeptStates> states() {
    return states;
  }

  void finished(Generation made) {
    generation = Optional.of(made);
  }

  void failed(RuntimeException why) {
    failure = Optional.of(why);
  }

  Optional<GptSession> session() {
    return session;
  }

  void released() {
    session = Optional.empty();
    states.ifPresent(KeptStates::close);
    states = Optional.empty();
  }

  /** What came of it. */
  Generation result() {
    if (failure.isPresent()) {
      throw failure.get();
    }
    return generation.orElseThrow();
  }
}
