package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.syrinx.kernels.gemm.GatedGemm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A block that does several tiles of a gated product after each other, on a device with fewer multiprocessors than there are tiles. */
final class FewProcessorsTest {
  private static final String SOURCE = "gemm/gated_gemm";
  private static final Gpu ONE = new Gpu(1, Gpu.H100.capability(), Gpu.H100.sharedBytes());

  private static final CudaVariant LIMITED = new CudaVariant(
      "one_multiprocessor", SOURCE, (a, gpu) -> GatedGemm.SPEC.cuda().getFirst().plan().launches(a, ONE), a -> 0, Map.of(), DType.F16,
      GatedGemm.SPEC.cuda().getFirst().supports(), true);

  @TestFactory
  Stream<DynamicTest> tilesFollowEachOther() throws IOException, InterruptedException {
    Optional<Path> compiler = Emulator.compiler();
    assumeTrue(compiler.isPresent(), "no C++ compiler: CUDA sources are not emulated");
    Set<String> entries = new TreeSet<>();
    CudaBuild.variants().filter(one -> one.variant().source().equals(SOURCE)).forEach(one -> entries.addAll(one.launched()));
    if (Emulator.stale(SOURCE)) {
      Emulator.finish(SOURCE, Emulator.compile(compiler.get(), SOURCE, entries));
    }
    Variant variant = Emulator.variant(LIMITED, entries, false);
    Stream<Case> several = GatedGemm.SPEC.cases().stream().filter(c -> !c.model() && !c.halves().isEmpty() && c.extents().getOrDefault("k", 0) >= 40);
    return several.map(c -> DynamicTest.dynamicTest(c.toString(), () -> ContractTest.compare(GatedGemm.SPEC, variant, c, DType.F16, DType.F16)));
  }
}
