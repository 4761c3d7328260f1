package dev.syrinx.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Body;
import dev.syrinx.kernels.KernelCatalog;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every unit of every call runs exactly once, whoever runs it: calls of changing sizes in quick succession, more threads than cores. */
class WorkerPoolTest {
  private static final Arguments NONE = KernelCatalog.ALL.getFirst().arguments();

  @Test
  @Timeout(60)
  void everyUnitRunsOnce() {
    try (WorkerPool pool = new WorkerPool(5)) {
      for (int call = 0; call < 20_000; call++) {
        int units = 1 + call * 31 % 67;
        AtomicIntegerArray runs = new AtomicIntegerArray(units);
        Body body =
            (a, begin, end, scratch) -> {
              for (int i = begin; i < end; i++) {
                runs.incrementAndGet(i);
              }
            };
        pool.run(body, NONE, units, 0);
        for (int i = 0; i < units; i++) {
          assertEquals(1, runs.get(i), "unit " + i + " of " + units + " in call " + call);
        }
      }
    }
  }

  @Test
  @Timeout(60)
  void failuresReachTheCallerAndThePoolGoesOn() {
    try (WorkerPool pool = new WorkerPool(3)) {
      Body failing =
          (a, begin, end, scratch) -> {
            throw new IllegalArgumentException("unit " + begin);
          };
      assertThrows(IllegalStateException.class, () -> pool.run(failing, NONE, 12, 0));
      pool.run((a, begin, end, scratch) -> {}, NONE, 12, 0);
    }
  }
}
