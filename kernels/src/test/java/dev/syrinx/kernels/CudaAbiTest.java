package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What Java launches is what the sources define: entries by name, parameters by kind and order. Needs nvcc, no device. */
final class CudaAbiTest {
  @TestFactory
  Stream<DynamicTest> entriesHaveTheDeclaredParameters() {
    return CudaBuild.variants().map(one -> DynamicTest.dynamicTest(one.toString(), () -> {
      CudaBuild.required();
      String source = one.variant().source();
      Map<String, List<CudaAbi.Kind>> entries = CudaBuild.entries(source);
      CudaBuild.launches(one.spec(), one.variant()).forEach(launch -> {
        String entry = launch.entry();
        assertTrue(entries.containsKey(entry), () -> source + ".cu has no entry " + entry + "; it has " + entries.keySet());
        assertEquals(CudaAbi.of(one.spec(), launch), entries.get(entry), () -> "parameters of " + entry);
      });
    }));
  }

  /** Sources with an entry for each tile, chosen by size: the sizes that choose some are too large for the scalar reference. */
  private static final Set<String> CHOSEN_BY_SIZE = Set.of("gemm/gemm", "gemm/gemm_mma");

  /** Programs of several operations: the engine launches them, and tests them against the operations. */
  private static final List<String> PROGRAMS = List.of("fused/", "library/");

  /** An entry that no case launches would be neither tested nor timed. */
  @TestFactory
  Stream<DynamicTest> everyEntryIsLaunchedByACase() throws IOException {
    Stream<String> sources = CudaBuild.sources().stream().filter(source -> !CHOSEN_BY_SIZE.contains(source));
    return sources.filter(source -> PROGRAMS.stream().noneMatch(source::startsWith)).map(source -> DynamicTest.dynamicTest(source, () -> {
      CudaBuild.required();
      Set<String> unused = new HashSet<>(CudaBuild.entries(source).keySet());
      CudaBuild.variants().filter(one -> one.variant().source().equals(source)).forEach(one -> unused.removeAll(one.launched()));
      assertEquals(Set.of(), unused, () -> "entries of " + source + ".cu that no case of a declaration launches");
    }));
  }

  @Test
  void sourcesLieInTheirFamilies() {
    for (KernelSpec spec : KernelCatalog.ALL) {
      Set<String> names = new HashSet<>();
      for (CudaVariant variant : spec.cuda()) {
        assertTrue(variant.source().startsWith(spec.family() + "/" + spec.name()), () -> spec + " has its source in " + variant.source());
        assertTrue(names.add(variant.name()), () -> "two CUDA variants of " + spec + " are called " + variant.name());
      }
    }
  }
}
