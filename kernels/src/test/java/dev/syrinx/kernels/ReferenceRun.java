package dev.syrinx.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Runs each reference body once and prints how many ran: the main class of the process that {@link WithoutVectorsTest} starts. */
final class ReferenceRun {
  private ReferenceRun() {}

  public static void main(String[] args) {
    if (Lanes.available() || Lanes.bits() != 0) {
      throw new IllegalStateException("the module is there, this process should lack it");
    }
    System.out.println(Lanes.reason());
    int count = 0;
    for (KernelSpec spec : KernelCatalog.ALL) {
      Case c = spec.cases().stream().filter(one -> !one.model()).findFirst().orElseThrow();
      DType dtype = spec.dtypes().stream().sorted().findFirst().orElseThrow();
      try (Arena arena = Arena.ofConfined()) {
        Variant reference = spec.reference();
        Arguments a = PlacedArguments.of(
            spec, c, dtype, reference.layouts(), PlacedArguments.Hurt.NOTHING, PlacedArguments.Placement.EVEN, arena).arguments();
        MemorySegment scratch = arena.allocate(Math.max(64, reference.scratch().applyAsLong(a)), 64);
        reference.body().run(a, 0, reference.units().applyAsInt(a), scratch);
        count++;
      }
    }
    System.out.println("ran " + count + " kernels");
  }
}
