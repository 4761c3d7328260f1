package dev.syrinx.verify;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Lanes;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Checks the Vector API bodies on this machine's cores. */
public final class KernelCheckHost implements KernelCheckTarget {
  @Override
  public List<Candidate> candidates(KernelSpec spec) {
    return spec.vector().filter(v -> Lanes.available()).stream()
        .map(v -> new Candidate(v.name(), v.layouts(), DType.F32, v.supports(), (placed, call) -> run(v, call)))
        .toList();
  }

  static void run(Variant variant, Arguments call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment scratch = arena.allocate(Math.max(64, variant.scratch().applyAsLong(call)), 64);
      variant.body().run(call, 0, variant.units().applyAsInt(call), scratch);
    }
  }
}
