package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every launch of every case is one that a device can run. The checks of {@link Launch} itself run as plans are asked. Needs neither nvcc
 * nor a device.
 */
final class CudaPlanTest {
  @TestFactory
  Stream<DynamicTest> launchesArePossible() {
    return CudaBuild.variants().map(one -> DynamicTest.dynamicTest(one.toString(), () -> {
      one.calls().forEach(a -> CudaBuild.GPUS.forEach(gpu -> possible(one.variant(), a, gpu)));
      for (Case c : one.spec().cases()) {
        Arguments a = Shaped.arguments(one.spec(), c);
        boolean takes = c.model() && one.variant().supports().test(a);
        assertFalse(takes && one.variant().plan().launches(a, Gpu.H100).isEmpty(), () -> "no launches for " + a);
      }
    }));
  }

  private static void possible(CudaVariant variant, Arguments a, Gpu gpu) {
    List<Launch> launches = variant.plan().launches(a, gpu);
    for (Launch launch : launches) {
      assertTrue(launch.sharedBytes() <= gpu.sharedBytes(), () -> launch + " wants too much shared memory of " + gpu);
    }
    assertTrue(variant.scratch().applyAsLong(a) >= 0, () -> "scratch memory of " + a);
    assertEquals(launches, variant.plan().launches(a, gpu), () -> "the plan of " + a + " changes");
  }
}
