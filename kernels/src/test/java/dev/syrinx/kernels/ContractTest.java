package dev.syrinx.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every kernel × variant × case × type against the scalar reference. Runs once per vector width: see this module's POM. */
final class ContractTest {
  @TestFactory
  Stream<DynamicNode> variantsMatchTheReference() {
    return KernelCatalog.ALL.stream().flatMap(spec -> runnable(spec)
        .flatMap(variant -> spec.cases().stream().filter(c -> !c.model()).flatMap(c -> spec.dtypes().stream()
            .sorted()
            .map(dtype ->
                DynamicTest.dynamicTest(spec + " " + variant.name() + " " + dtype + " " + c, () -> compare(spec, variant, c, dtype))))));
  }

  @TestFactory
  Stream<DynamicNode> unitsMayBeSplitAnyhow() {
    return KernelCatalog.ALL.stream()
        .flatMap(spec -> runnable(spec).map(v -> DynamicTest.dynamicTest(spec + " " + v.name(), () -> splits(spec, v))));
  }

  @TestFactory
  Stream<DynamicNode> outputsMayReplaceInputs() {
    return KernelCatalog.ALL.stream().flatMap(spec -> runnable(spec).flatMap(v -> spec.inPlace().stream()
        .map(input -> DynamicTest.dynamicTest(spec + " " + v.name() + " " + input, () -> inPlace(spec, v, input)))));
  }

  private static Stream<Variant> runnable(KernelSpec spec) {
    return spec.variants().stream().filter(v -> v.target() != Variant.Target.VECTOR || Lanes.available());
  }

  /** Every variant's outputs against the reference's, for every hurt and placement. */
  static void compare(KernelSpec spec, Variant variant, Case c, DType dtype) {
    compare(spec, variant, c, dtype, DType.F32);
  }

  /** The same of a variant that rounds its factors to a narrower type. */
  static void compare(KernelSpec spec, Variant variant, Case c, DType dtype, DType arithmetic) {
    for (PlacedArguments.Hurt hurt : PlacedArguments.Hurt.values()) {
      for (PlacedArguments.Placement placement : PlacedArguments.Placement.values()) {
        if (variant.equals(spec.reference()) && placement == PlacedArguments.Placement.EVEN) {
          continue;
        }
        try (Arena arena = Arena.ofConfined()) {
          PlacedArguments want =
              PlacedArguments.of(spec, c, dtype, spec.reference().layouts(), hurt, PlacedArguments.Placement.EVEN, arena);
          PlacedArguments got = PlacedArguments.of(spec, c, dtype, variant.layouts(), hurt, placement, arena);
          if (!variant.supports().test(got.arguments())) {
            continue;
          }
          run(spec.reference(), want.arguments(), 1, arena);
          run(variant, got.arguments(), 1, arena);
          assertEquals("", want.trespasses(), "reference wrote outside its buffers");
          assertEquals("", got.trespasses(), variant.name() + " wrote outside its buffers");
          for (Param param : spec.params()) {
            if (param.written() && want.arguments().has(param.name())) {
              equal(want.arguments(), got.arguments(), param, arithmetic, hurt + " placed " + placement);
            }
          }
        }
      }
    }
  }

  private static void run(Variant variant, Arguments a, int pieces, Arena arena) {
    int units = variant.units().applyAsInt(a);
    for (int i = pieces - 1; i >= 0; i--) {
      MemorySegment scratch = arena.allocate(Math.max(64, variant.scratch().applyAsLong(a)), 64);
      variant.body().run(a, units * i / pieces, units * (i + 1) / pieces, scratch);
    }
  }

  private static void splits(KernelSpec spec, Variant variant) {
    for (Case c : spec.cases()) {
      if (c.model()) {
        continue;
      }
      for (DType dtype : spec.dtypes()) {
        try (Arena arena = Arena.ofConfined()) {
          PlacedArguments one =
              PlacedArguments.of(spec, c, dtype, variant.layouts(), PlacedArguments.Hurt.NOTHING, PlacedArguments.Placement.EVEN, arena);
          PlacedArguments many =
              PlacedArguments.of(spec, c, dtype, variant.layouts(), PlacedArguments.Hurt.NOTHING, PlacedArguments.Placement.EVEN, arena);
          if (!variant.supports().test(one.arguments())) {
            continue;
          }
          run(variant, one.arguments(), 1, arena);
          run(variant, many.arguments(), 3, arena);
          for (Param param : spec.params()) {
            if (param.written() && one.arguments().has(param.name())) {
              assertEquals(
                  -1, one.arguments().segment(param.name()).mismatch(many.arguments().segment(param.name())),
                  () -> param.name() + " of " + c);
            }
          }
        }
      }
    }
  }

  /** The outputs are the same where y is an input. */
  static void inPlace(KernelSpec spec, Variant variant, String input) {
    for (Case c : spec.cases()) {
      if (c.model() || c.absent().contains(input) || !c.halves().isEmpty()) {
        continue;
      }
      try (Arena arena = Arena.ofConfined()) {
        PlacedArguments want =
            PlacedArguments.of(spec, c, DType.F32, variant.layouts(), PlacedArguments.Hurt.NOTHING, PlacedArguments.Placement.ODD, arena);
        PlacedArguments got =
            PlacedArguments.of(spec, c, DType.F32, variant.layouts(), PlacedArguments.Hurt.NOTHING, PlacedArguments.Placement.ODD, arena);
        got.arguments().set("y", got.arguments().view(input)).checked();
        run(variant, want.arguments(), 1, arena);
        run(variant, got.arguments(), 3, arena);
        View w = want.arguments().view("y");
        View g = got.arguments().view("y");
        for (long i = 0; i < w.elements(); i++) {
          if (w.segment().get(JAVA_INT_UNALIGNED, place(w, i) * 4) != g.segment().get(JAVA_INT_UNALIGNED, place(g, i) * 4)) {
            fail("y[" + i + "] differs in place of " + input + ", " + c);
          }
        }
      }
    }
  }

  private static void equal(Arguments want, Arguments got, Param param, DType arithmetic, String how) {
    Difference difference = Difference.of(want, got, param, arithmetic);
    if (!difference.allowed()) {
      fail(how + ": " + difference.where());
    }
  }

  /** Where the i-th logical element lies. */
  private static long place(View view, long i) {
    long row = view.elements() / view.extent(0);
    return i / row * view.rowStride() + i % row;
  }
}
