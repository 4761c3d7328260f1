package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every launch of every case is one that a device can run. The checks of {@link Launch} itself run as plans are asked. Needs neither nvcc nor a device. */
final class CudaPlanTest {
  @TestFactory
  Stream<DynamicTest> launchesArePossible() {
    return KernelCatalog.ALL.stream().flatMap(spec -> spec.cuda().stream().map(variant -> DynamicTest.dynamicTest(spec + " " + variant.name(), () -> {
      for (Arguments a : CudaBuild.calls(spec, variant)) {
        assertTrue(variant.scratch().applyAsLong(a) >= 0, () -> "scratch memory of " + a);
        for (Gpu gpu : CudaBuild.GPUS) {
          List<Launch> launches = variant.plan().launches(a, gpu);
          launches.forEach(launch -> assertTrue(launch.sharedBytes() <= gpu.sharedBytes(), () -> launch + " wants too much shared memory of " + gpu));
          assertEquals(launches, variant.plan().launches(a, gpu), () -> "the plan of " + a + " changes");
        }
      }
      for (Case c : spec.cases()) {
        if (c.model()) {
          Arguments a = Shaped.arguments(spec, c);
          assertFalse(variant.supports().test(a) && variant.plan().launches(a, Gpu.H100).isEmpty(), () -> "no launches for " + a);
        }
      }
    })));
  }
}
