package dev.syrinx.backend;

import dev.syrinx.tensor.Tensor;

/** Receives named intermediate results: how golden tests compare stage by stage, and how tracing sees the model. */
@FunctionalInterface
public interface Taps {
  /** Nobody listens. */
  Taps NONE = (name, tensor) -> {};

  /** Called right after the call that produces the tensor was issued. */
  void tap(String name, Tensor tensor);
}
