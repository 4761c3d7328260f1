package dev.syrinx.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.backend.Taps;
import dev.syrinx.synth.Stage;
import dev.syrinx.synth.StageTimes;
import dev.syrinx.tensor.Tensor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CountingBackendTest {
  /** A method with a body in the interface would answer for the backend below. */
  @Test
  void nothingIsAnsweredInPlaceOfTheBackend() {
    List<String> own = Arrays.stream(CountingBackend.class.getDeclaredMethods()).map(CountingBackendTest::signature).toList();
    List<String> missing = new ArrayList<>();
    for (Method method : Backend.class.getDeclaredMethods()) {
      if (Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers()) && !own.contains(signature(method))) {
        missing.add(signature(method));
      }
    }
    assertEquals(List.of(), missing);
  }

  private static String signature(Method method) {
    return method.getName() + Arrays.toString(method.getParameterTypes());
  }

  @Test
  void callsAreCountedByStageAndReplaysEachTime() {
    try (CountingBackend counting = new CountingBackend(new CpuBackend(1, false))) {
      Ops ops = new Ops(counting, Taps.NONE);
      try (var _ = ops.scope()) {
        Tensor x = ops.zeros(2, 8);
        Tensor y = ops.empty(2, 8);
        Replay replay = ops.backend().capture(() -> ops.combineInto(1f, x, 1f, x, y));
        counting.count(true);
        new StageTimes().time(Stage.MEL, () -> {
          ops.combineInto(1f, x, 1f, x, y);
          replay.run();
          replay.run();
          return 0;
        });
        ops.combineInto(1f, x, 1f, x, y); // in no stage
        counting.count(false);
        new StageTimes().time(Stage.MEL, () -> {
          replay.run();
          return 0;
        });
        CountingBackend.Sum sum = counting.sums().get(Stage.MEL);
        assertEquals(1, counting.sums().size());
        assertEquals(3, sum.calls);
        assertEquals(3 * 3 * 4 * 16, sum.bytes);
        replay.close();
      }
    }
  }
}
