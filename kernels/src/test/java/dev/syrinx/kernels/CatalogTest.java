package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every declaration is complete, and lies where its name and family say. */
final class CatalogTest {
  @Test
  void namesAreUnique() {
    Set<String> seen = new HashSet<>();
    KernelCatalog.ALL.forEach(spec -> assertTrue(seen.add(spec.name()), () -> "two kernels are called " + spec));
  }

  @Test
  void unknownNamesAreAnsweredWithTheKnownOnes() {
    NoSuchElementException e = assertThrows(NoSuchElementException.class, () -> KernelCatalog.named("no_such"));
    assertTrue(e.getMessage().contains("layer_norm"), e::getMessage);
  }

  @TestFactory
  Stream<DynamicTest> declarationsLieWhereTheirNamesSay() {
    return each(spec -> {
      String type = Arrays.stream(spec.name().split("_"))
          .map(part -> Character.toUpperCase(part.charAt(0)) + part.substring(1)).collect(Collectors.joining());
      Class<?> owner = Class.forName("dev.syrinx.kernels." + spec.family() + "." + type);
      assertSame(spec, owner.getField("SPEC").get(null), () -> owner + " does not declare " + spec);
    });
  }

  @TestFactory
  Stream<DynamicTest> parametersAreNamedOnce() {
    return each(spec -> {
      Set<String> seen = new HashSet<>();
      spec.params().forEach(p -> assertTrue(seen.add(p.name()), () -> "two parameters of " + spec + " are called " + p.name()));
      assertTrue(spec.params().stream().anyMatch(Param::written), () -> spec + " writes nothing");
      spec.inPlace().forEach(input -> assertNotNull(spec.params().get(spec.index(input))));
    });
  }

  /** Tests and benchmarks run over the cases: a kernel without them would be neither tested nor timed. */
  @TestFactory
  Stream<DynamicTest> casesFitTheDeclaration() {
    return each(spec -> {
      assertTrue(spec.cases().stream().anyMatch(c -> !c.model()), () -> spec + " has no case to test");
      assertTrue(spec.cases().stream().anyMatch(Case::model), () -> spec + " has no shape of the model to time");
      Set<String> scalars = spec.params().stream().filter(p -> !p.buffer()).map(Param::name).collect(Collectors.toSet());
      for (Case c : spec.cases()) {
        assertEquals(scalars, c.scalars().keySet(), () -> "scalars of " + c);
        assertTrue(new HashSet<>(spec.axes()).containsAll(c.extents().keySet()), () -> "axes of " + c);
        Arguments a = Shaped.arguments(spec, c);
        Cost cost = spec.cost(a);
        assertTrue(cost.bytes() >= 0 && cost.flops() >= 0 && Double.isFinite(cost.bytes() + cost.flops()), () -> "cost of " + c);
        assertTrue(spec.tolerance().bound(a, 1) >= 0, () -> "tolerance of " + c);
        assertTrue(!c.model() || cost.bytes() > 0, () -> "cost of " + c);
        spec.variants().stream().filter(v -> v.target() != Variant.Target.VECTOR || Lanes.available()).forEach(v -> {
          assertTrue(v.units().applyAsInt(a) > 0 || !c.model(), () -> v.name() + " has no units for " + c);
          assertTrue(v.scratch().applyAsLong(a) >= 0, () -> v.name() + " wants negative scratch memory for " + c);
        });
      }
    });
  }

  private interface Check {
    void of(KernelSpec spec) throws ReflectiveOperationException;
  }

  private static Stream<DynamicTest> each(Check check) {
    return KernelCatalog.ALL.stream().map(spec -> DynamicTest.dynamicTest(spec.name(), () -> check.of(spec)));
  }
}
