package dev.syrinx.backend;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

final class KernelWarmupTest {
  private static final Set<String> RECORDING =
      Set.of("gemm", "layer_norm", "decode_attention", "attention", "elementwise", "rms_norm", "rotary", "gated_unit", "snake");
  private static final Set<String> SPEAKING =
      Set.of("gemm", "layer_norm", "decode_attention", "attention", "elementwise", "pointwise", "rms_norm", "rotary", "gated_unit", "snake");

  @Test
  void everyKernelOfARecordingHasSmallCallsThatRun() {
    assertEquals(RECORDING, ran(KernelWarmup::contractCalls));
  }

  @Test
  void everyKernelOfSpeechHasSmallCallsThatRun() {
    assertEquals(SPEAKING, ran(KernelWarmup::speechCalls));
  }

  private static Set<String> ran(Function<Arena, List<KernelWarmup.Call>> made) {
    try (Arena arena = Arena.ofConfined()) {
      List<KernelWarmup.Call> calls = made.apply(arena);
      MemorySegment scratch = arena.allocate(1 << 22, 64);
      calls.forEach(call -> {
        assertTrue(call.variant().supports().test(call.arguments()), call::toString);
        assertTrue(call.variant().scratch().applyAsLong(call.arguments()) <= scratch.byteSize(), call::toString);
        call.run(scratch);
      });
      return calls.stream().map(call -> call.arguments().spec().name()).collect(toSet());
    }
  }

  @Test
  void endsSoonAfterItIsClosed() {
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
      KernelWarmup warmup = KernelWarmup.start();
      warmup.close();
      assertFalse(warmup.running());
    });
  }

  @Test
  void endsByItselfWhenEverythingRunsFast() {
    assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
      try (KernelWarmup warmup = KernelWarmup.speaking()) {
        while (warmup.running()) {
          Thread.sleep(20);
        }
      }
    });
  }
}
