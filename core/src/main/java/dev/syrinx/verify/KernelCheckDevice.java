package dev.syrinx.verify;

import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.PlacedArguments;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Checks the CUDA variants on a device: buffers go there with the guard bytes around them and come back the same way. */
public final class KernelCheckDevice implements KernelCheckTarget {
  private final CudaBackend backend;

  /** @param backend stays open */
  public KernelCheckDevice(CudaBackend backend) {
    this.backend = backend;
  }

  @Override
  public List<Candidate> candidates(KernelSpec spec) {
    return backend.variants(spec).stream()
        .map(v -> new Candidate(v.name(), v.layouts(), v.arithmetic(), v.supports(), (placed, call) -> run(v, placed, call)))
        .toList();
  }

  private void run(CudaVariant variant, PlacedArguments placed, Arguments call) {
    try (var _ = backend.scope()) {
      Map<String, MemorySegment> copies = new LinkedHashMap<>();
      placed.buffers().forEach((name, whole) -> {
        MemorySegment copy = backend.temporary(whole.byteSize());
        backend.upload(whole, copy);
        copies.put(name, copy);
      });
      backend.run(placed.elsewhere(call, copies), variant);
      backend.synchronize();
      placed.buffers().forEach((name, whole) -> backend.download(copies.get(name), whole));
    }
  }
}
