package dev.syrinx.kernels.sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class PhiloxTest {
  private static int[] block(int c0, int c1, int c2, int c3, int k0, int k1) {
    MemorySegment out = MemorySegment.ofArray(new int[4]);
    Philox.block(c0, c1, c2, c3, k0, k1, out);
    return out.toArray(ValueLayout.JAVA_INT);
  }

  /** The known answers that the paper's authors publish with Random123 (kat_vectors, philox4x32 10). */
  @Test
  void knownAnswers() {
    assertArrayEquals(new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}, block(0, 0, 0, 0, 0, 0));
    assertArrayEquals(new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}, block(-1, -1, -1, -1, -1, -1));
    assertArrayEquals(
        new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
        block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0));
  }

  @Test
  void uniformStaysInsideTheUnitInterval() {
    assertTrue(Philox.uniform(0) > 0);
    assertTrue(Philox.uniform(-1) < 1);
    assertTrue(Double.isFinite(Philox.gumbel(0)) && Double.isFinite(Philox.gumbel(-1)));
  }

  @Test
  void normalNoiseHasTheMomentsOfTheNormalDistribution() {
    float[] z = noise(PhiloxNoise.Distribution.NORMAL, 100_000, 7, 1, 0);
    double mean = 0;
    double square = 0;
    double fourth = 0;
    for (float v : z) {
      mean += v;
      square += (double) v * v;
      fourth += (double) v * v * v * v;
    }
    assertEquals(0, mean / z.length, 0.01);
    assertEquals(1, square / z.length, 0.02);
    assertEquals(3, fourth / z.length, 0.1);
  }

  @Test
  void gumbelNoiseHasTheMeanOfItsDistribution() {
    double sum = 0;
    float[] g = noise(PhiloxNoise.Distribution.GUMBEL, 100_000, 7, 1, 0);
    for (float v : g) {
      sum += v;
    }
    assertEquals(0.5772157, sum / g.length, 0.02);
  }

  @Test
  void seedStreamAndStepEachMakeOtherNoise() {
    float[] base = noise(PhiloxNoise.Distribution.UNIFORM, 16, 1, 1, 1);
    assertArrayEquals(base, noise(PhiloxNoise.Distribution.UNIFORM, 16, 1, 1, 1));
    assertTrue(differ(base, noise(PhiloxNoise.Distribution.UNIFORM, 16, 2, 1, 1)));
    assertTrue(differ(base, noise(PhiloxNoise.Distribution.UNIFORM, 16, 1, 2, 1)));
    assertTrue(differ(base, noise(PhiloxNoise.Distribution.UNIFORM, 16, 1, 1, 2)));
  }

  private static boolean differ(float[] a, float[] b) {
    int equal = 0;
    for (int i = 0; i < a.length; i++) {
      equal += a[i] == b[i] ? 1 : 0;
    }
    return equal == 0;
  }

  private static float[] noise(PhiloxNoise.Distribution distribution, int d, int seed, int stream, int step) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment y = arena.allocate(4L * d, 64);
      MemorySegment steps = arena.allocate(4, 64);
      Cells.setInt(steps, 0, step);
      var call = PhiloxNoise.SPEC
          .arguments().set("step", View.of(steps, DType.I32, 1)).set("y", View.of(y, DType.F32, d)).set("distribution", distribution.id())
          .set("seed_low", seed).set("seed_high", 0).set("stream_low", stream).set("stream_high", 0).checked();
      var variant = PhiloxNoise.SPEC.reference();
      variant.body().run(call, 0, variant.units().applyAsInt(call), arena.allocate(64));
      return y.toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
