package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
  private static final Set<String> EMULATED = Set.of("activation", "conv", "embed", "norm", "signal", "attention/rotary", "attention/copy_blocks", "sample/advance_beams");

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
    return ALL.stream().flatMap(one -> Stream.of(false, true).flatMap(random -> {
      Variant variant = Emulator.variant(one.cuda, one.entries, random);
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

  /** A row's norm does not depend on the rows beside it, nor on where it lies. */
  @TestFactory
  Stream<DynamicTest> rowsAreTheSameAlone() {
    return ALL.stream().filter(one -> one.entries.stream().anyMatch(entry -> entry.endsWith("_256"))).map(one -> {
      Variant variant = Emulator.variant(one.cuda, one.entries, false);
      return DynamicTest.dynamicTest(one.spec.name(), () -> one.spec.cases().stream().filter(c -> !c.model()).forEach(c -> alone(one.spec, variant, c)));
    });
  }

  private static void alone(KernelSpec spec, Variant variant, Case c) {
    try (Arena arena = Arena.ofConfined()) {
      for (PlacedArguments.Placement placement : PlacedArguments.Placement.values()) {
        Arguments all = PlacedArguments.of(spec, c, DType.F32, Map.of(), PlacedArguments.Hurt.NOTHING, placement, arena).arguments();
        variant.body().run(all, 0, 1, MemorySegment.NULL);
        int columns = all.dim("c");
        for (int t = 0; t < all.dim("t"); t++) {
          Arguments one = spec.arguments();
          spec.params().stream().filter(p -> all.has(p.name())).forEach(p -> copy(all, one, p.name()));
          MemorySegment x = arena.allocate(columns * 4L, 16).copyFrom(row(all.view("x"), t, columns).segment());
          one.set("x", View.of(x, DType.F32, 1, columns)).set("y", View.of(arena.allocate(columns * 4L, 16), DType.F32, 1, columns)).checked();
          variant.body().run(one, 0, 1, MemorySegment.NULL);
          assertEquals(-1, one.segment("y").mismatch(row(all.view("y"), t, columns).segment()), () -> "a row of " + c + " placed " + placement);
        }
      }
    }
  }

  private static void copy(Arguments from, Arguments to, String param) {
    if (from.spec().params().get(from.spec().index(param)).buffer()) {
      to.set(param, from.view(param));
    } else {
      to.set(param, from.f32(param));
    }
  }

  private static View row(View view, int t, int columns) {
    return View.of(view.segment().asSlice(t * view.rowStride() * 4, columns * 4L), DType.F32, 1, columns);
  }
}
