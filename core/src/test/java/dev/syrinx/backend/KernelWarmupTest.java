package dev.syrinx.backend;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class KernelWarmupTest {
  private static final Set<String> SPEAKING =
      Set.of("gemm", "layer_norm", "decode_attention", "attention", "elementwise", "rms_norm", "rotary", "gated_unit", "snake");

  @Test
  void everyKernelOfSpeechHasSmallCallsThatRun() {
    try (Arena arena = Arena.ofConfined()) {
      List<KernelWarmup.Call> calls = KernelWarmup.calls(arena);
      MemorySegment scratch = arena.allocate(1 << 22, 64);
      calls.forEach(call -> {
        assertTrue(call.variant().scratch().applyAsLong(call.arguments()) <= scratch.byteSize(), call::toString);
        call.run(scratch);
      });
      assertEquals(SPEAKING, calls.stream().map(call -> call.arguments().spec().name()).collect(toSet()));
    }
  }

  @Test
  void endsSoonAfterItIsClosed() {
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
      try (KernelWarmup warmup = KernelWarmup.start()) {
        Thread.sleep(50);
        assertTrue(warmup.running());
      }
    });
  }
}
