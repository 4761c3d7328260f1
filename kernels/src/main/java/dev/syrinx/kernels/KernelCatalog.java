package dev.syrinx.kernels;

import dev.syrinx.kernels.gemm.Gemm;
import java.util.List;
import java.util.NoSuchElementException;

/** Every kernel of the engine. Registering here is the only registration. */
public final class KernelCatalog {
  /** All declarations, by family. */
  public static final List<KernelSpec> ALL = List.of(Gemm.SPEC);

  private KernelCatalog() {}

  /**
   * The kernel of a name.
   *
   * @throws NoSuchElementException naming the kernels there are
   */
  public static KernelSpec named(String name) {
    return ALL.stream().filter(spec -> spec.name().equals(name)).findFirst()
        .orElseThrow(() -> new NoSuchElementException("no kernel '" + name + "'; there are " + ALL));
  }
}
