package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.syrinx.kernels.gemm.Gemm;
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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The contract of CUDA variants without a device: their sources, compiled for the CPU, against the scalar reference. Shows wrong indices,
 * lost tails, missing barriers and wrong functions; says nothing of speed, memory order or a device's rounding.
 */
final class EmulationTest {
  /** Families, or kernels, whose instructions the emulator knows. */
  private static final Set<String> EMULATED = Set.of(
      "activation", "conv", "embed", "norm", "signal", "attention/rotary", "attention/attention_mma", "attention/copy_blocks", "gemm/gemm_mma",
      "gemm/gemm_narrow", "gemm/gated_gemm", "gemm/kept_gemm", "gemm/mirrored_gemm", "gemm/normed_gemm", "gemm/rotary_gemm", "sample/advance_beams", "sample/process_scores",
      "sample/draw_codes");

  private record Emulated(KernelSpec spec, CudaVariant cuda, Set<String> entries) {
    Emulated(CudaBuild.Declared one) {
      this(one.spec(), one.variant(), one.launched());
    }
  }

  private static final List<Emulated> ALL = Stream.concat(CudaBuild.variants(), Gemm.tiles().stream().map(v -> new CudaBuild.Declared(Gemm.SPEC, v)))
      .filter(one -> emulated(one.variant())).map(Emulated::new).toList();

  private static Stream<Case> small(KernelSpec spec) {
    return spec.cases().stream().filter(c -> !c.model());
  }

  /** Tensor cores are emulated number by number. */
  private static boolean slow(Emulated one) {
    return one.cuda.arithmetic() != DType.F32;
  }

  /** A tile by itself: the variants that choose among tiles run the other cases. */
  private static boolean tile(Emulated one) {
    return one.cuda.name().startsWith("gemm_");
  }

  /** More than one tile of rows, taps that share them or batches apart, and columns that are not there. */
  private static boolean telling(Emulated one, Case c) {
    return one.cuda.name().startsWith("gemm_turned") ? c.name().matches("half (batches|rows)") : c.name().equals("half taps") && c.extents().get("k") == 288;
  }

  private static boolean quick(Case c) {
    return (!c.halves().isEmpty() || c.name().startsWith("rounded")) && c.extents().getOrDefault("k", 0) <= 340;
  }

  private static boolean emulated(CudaVariant cuda) {
    return EMULATED.contains(cuda.source()) || EMULATED.contains(cuda.source().split("/", 2)[0]);
  }

  @BeforeAll
  static void compile() throws IOException, InterruptedException {
    Optional<Path> compiler = Emulator.compiler();
    assumeTrue(compiler.isPresent(), "no C++ compiler: CUDA sources are not emulated");
    Map<String, Process> running = new LinkedHashMap<>();
    Map<String, Set<String>> entries = new TreeMap<>(); // variants may share a source
    ALL.forEach(one -> entries.computeIfAbsent(one.cuda.source(), source -> new TreeSet<>()).addAll(one.entries));
    List<String> left = new ArrayList<>();
    for (String source : entries.keySet()) {
      if (Emulator.stale(source)) {
        left.add(source);
      }
    }
    while (!left.isEmpty() || !running.isEmpty()) {
      if (!left.isEmpty() && running.size() < Runtime.getRuntime().availableProcessors()) {
        String source = left.removeFirst();
        running.put(source, Emulator.compile(compiler.get(), source, entries.get(source)));
      } else {
        String oldest = running.keySet().iterator().next();
        Emulator.finish(oldest, running.remove(oldest));
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> variantsMatchTheReference() {
    return ALL.stream().flatMap(one -> (slow(one) ? Stream.of(false) : Stream.of(false, true)).flatMap(random -> {
      Variant variant = Emulator.variant(one.cuda, one.entries, random);
      return small(one.spec).filter(c -> !slow(one) || (tile(one) ? telling(one, c) : quick(c))).flatMap(c -> one.spec.dtypes().stream().sorted().map(dtype -> {
        String name = one.spec + " " + variant.name() + " " + dtype + " " + c;
        return DynamicTest.dynamicTest(name, () -> ContractTest.compare(one.spec, variant, c, dtype, one.cuda.arithmetic()));
      }));
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
      return DynamicTest.dynamicTest(one.spec.name(), () -> small(one.spec).filter(c -> c.halves().isEmpty()).forEach(c -> alone(one.spec, variant, c)));
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
          MemorySegment y = arena.allocate(columns * 4L, 16);
          one.set("x", View.of(x, DType.F32, 1, columns)).set("y", View.of(y, DType.F32, 1, columns)).checked();
          variant.body().run(one, 0, 1, MemorySegment.NULL);
          long different = y.mismatch(row(all.view("y"), t, columns).segment());
          assertEquals(-1, different, () -> "a row of " + c + " placed " + placement);
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
