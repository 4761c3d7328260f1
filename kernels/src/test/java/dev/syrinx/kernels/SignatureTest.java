package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.syrinx.kernels.norm.RmsNorm;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What tells calls apart for plans that are made once. */
final class SignatureTest {
  private static final long PLACE = 1L << 40;

  private static Arguments call(long x, DType y, int rows, int stride, float eps) {
    View in = View.strided(MemorySegment.ofAddress(x), DType.F32, stride, rows, 8);
    return RmsNorm.SPEC.arguments().set("x", in).set("y", View.of(MemorySegment.ofAddress(PLACE), y, rows, 8)).set("eps", eps).checked();
  }

  private static void different(Arguments other) {
    assertFalse(Arrays.equals(call(PLACE, DType.F32, 3, 8, 1).signature(), other.signature()), other::toString);
  }

  @Test
  void callsOfOneShapeAreAlikeWhereverTheirBuffersLie() {
    assertArrayEquals(call(PLACE, DType.F32, 3, 8, 1).signature(), call(PLACE + 4096, DType.F32, 3, 8, 1).signature());
  }

  @Test
  void typesExtentsStridesScalarsAndAlignmentTellCallsApart() {
    different(call(PLACE, DType.F16, 3, 8, 1));
    different(call(PLACE, DType.F32, 4, 8, 1));
    different(call(PLACE, DType.F32, 3, 12, 1));
    different(call(PLACE, DType.F32, 3, 8, 2));
    different(call(PLACE + 4, DType.F32, 3, 8, 1));
    different(call(PLACE, DType.F32, 3, 8, 1).set("weight", View.of(MemorySegment.ofAddress(PLACE), DType.F32, 8)).checked());
  }
}
