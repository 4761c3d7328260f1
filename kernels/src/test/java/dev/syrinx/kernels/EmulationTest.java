package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The contract of CUDA variants without a device: their sources, compiled for the CPU, against the scalar reference. Shows wrong indices, lost tails, missing
 * barriers and wrong functions; says nothing of speed, memory order or a device's rounding.
 */
final class EmulationTest {
  /** Families, or kernels, without inline assembly. */
  private static final Set<String> EMULATED = Set.of("activation", "conv", "embed", "norm", "signal", "attention/rotary");

  private record Emulated(KernelSpec spec, CudaVariant cuda, Set<String> entries) {}

  private static final List<Emulated> ALL = KernelCatalog.ALL.stream()
      .flatMap(spec -> spec.cuda().stream().filter(EmulationTest::emulated).map(cuda -> new Emulated(spec, cuda, CudaBuild.launched(spec, cuda))))
      .toList();

  private static boolean emulated(CudaVariant cuda) {
    return EMULATED.contains(cuda.source()) || EMULATED.contains(cuda.source().split("/", 2)[0]);
  }

  @BeforeAll
  static void compile() throws IOException, InterruptedException {
    Optional<Path> compiler = Emulator.compiler();
    assumeTrue(compiler.isPresent(), "no C++ compiler: CUDA sources are not emulated");
    Map<String, Process> running = new LinkedHashMap<>();
    List<Emulated> left = new ArrayList<>();
    for (Emulated one : ALL) {
      if (Emulator.stale(one.cuda.source())) {
        left.add(one);
      }
    }
    while (!left.isEmpty() || !running.isEmpty()) {
      if (!left.isEmpty() && running.size() < Runtime.getRuntime().availableProcessors()) {
        Emulated one = left.removeFirst();
        running.put(one.cuda.source(), Emulator.compile(compiler.get(), one.cuda.source(), one.entries));
      } else {
        String oldest = running.keySet().iterator().next();
        Emulator.finish(oldest, running.remove(oldest));
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> variantsMatchTheReference() {
    return ALL.stream().flatMap(one -> Stream.of(false, true).flatMap(backward -> {
      Variant variant = Emulator.variant(one.cuda, one.entries, backward);
      return one.spec.cases().stream().filter(c -> !c.model()).flatMap(c -> one.spec.dtypes().stream().sorted().map(dtype ->
          DynamicTest.dynamicTest(one.spec + " " + variant.name() + " " + dtype + " " + c, () -> ContractTest.compare(one.spec, variant, c, dtype))));
    }));
  }

  @TestFactory
  Stream<DynamicTest> outputsMayReplaceInputs() {
    return ALL.stream().flatMap(one -> {
      Variant variant = Emulator.variant(one.cuda, one.entries, false);
      return one.spec.inPlace().stream().map(input ->
          DynamicTest.dynamicTest(one.spec + " " + variant.name() + " " + input, () -> ContractTest.inPlace(one.spec, variant, input)));
    });
  }
}
