package dev.syrinx.kernels.sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The filters against definitions written out a second time, and by hand. */
class FiltersTest {
  private static final float OFF = Float.NEGATIVE_INFINITY;

  @Test
  void topKKeepsTies() {
    assertArrayEquals(new float[] {OFF, 3, 2, OFF, 2, OFF}, topK(2, 1, 3, 2, 0, 2, OFF));
    assertArrayEquals(new float[] {1, 3, OFF}, topK(5, 1, 3, OFF));
  }

  @Test
  void topKAgreesWithSorting() {
    float[] x = random(997);
    float[] sorted = x.clone();
    Arrays.sort(sorted);
    float[] want = x.clone();
    for (int i = 0; i < want.length; i++) {
      want[i] = want[i] < sorted[sorted.length - 30] ? OFF : want[i];
    }
    assertArrayEquals(want, topK(30, x));
  }

  @Test
  void topPDropsWhatStaysWithinTheLimit() {
    float[] x = logs(0.5, 0.25, 0.15, 0.1);
    assertArrayEquals(new float[] {x[0], x[1], OFF, OFF}, topP(0.26, 1, x)); // 0.10 and 0.25 stay within, 0.5 does not
    assertArrayEquals(x, topP(0.09, 1, x));
    assertArrayEquals(new float[] {x[0], OFF, OFF, OFF}, topP(1, 1, x));
    assertArrayEquals(new float[] {x[0], x[1], OFF, OFF}, topP(1, 2, x));
    assertArrayEquals(new float[] {OFF, x[0], OFF}, topP(0.2, 1, OFF, x[0], OFF));
  }

  @Test
  void typicalKeepsWhatIsNearestToTheEntropy() {
    float[] x = logs(0.6, 0.2, 0.1, 0.1); // entropy 1.09; distances 0.58, 0.52, 1.21, 1.21
    assertArrayEquals(new float[] {OFF, x[1], OFF, OFF}, typical(0.2, 1, x));
    assertArrayEquals(new float[] {x[0], x[1], OFF, OFF}, typical(0.3, 1, x));
    assertArrayEquals(new float[] {x[0], x[1], OFF, OFF}, typical(0.2, 2, x));
    assertArrayEquals(x, typical(0.85, 1, x));
  }

  @Test
  void penaltyCountsEachIdOnce() {
    Arguments a;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment y = arena.allocate(16);
      a = RepetitionPenalty.SPEC.arguments().set("x", floats(arena, 1, 2, -3, 4, -1)).set("y", View.of(y, DType.F32, 1, 4))
          .set("history", View.of(arena.allocateFrom(ValueLayout.JAVA_INT, 0, 1, 0, 3), DType.I32, 1, 4))
          .set("lengths", View.of(arena.allocateFrom(ValueLayout.JAVA_INT, 3), DType.I32, 1)).set("penalty", 10f);
      run(a, arena);
      assertArrayEquals(new float[] {0.2f, -30, 4, -1}, y.toArray(ValueLayout.JAVA_FLOAT));
    }
  }

  @Test
  void drawsComeLargestFirstAndZeroProbabilityLast() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment index = arena.allocate(12);
      MemorySegment picked = arena.allocate(12);
      Arguments a = GumbelTopK.SPEC
          .arguments().set("scores", vector(arena, -1, OFF, -2, -3)).set("p", vector(arena, 0.5f, 0, 0.3f, 0))
          .set("noise", vector(arena, 0, 9, 3, 20)).set("index", View.of(index, DType.I32, 3)).set("picked", View.of(picked, DType.F32, 3));
      run(a, arena);
      assertArrayEquals(new int[] {2, 0, 3}, index.toArray(ValueLayout.JAVA_INT));
      assertArrayEquals(new float[] {-2, -1, -3}, picked.toArray(ValueLayout.JAVA_FLOAT));
    }
  }

  @Test
  void noiseDrawsEachEntryAsOftenAsItIsLikely() {
    double[] p = {0.5, 0.3, 0.15, 0.05, 0};
    int[] counts = new int[p.length];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment noise = arena.allocate(20);
      MemorySegment step = arena.allocate(4);
      MemorySegment index = arena.allocate(4);
      View probabilities = vector(arena, 0.5f, 0.3f, 0.15f, 0.05f, 0);
      Arguments made = PhiloxNoise.SPEC
          .arguments().set("p", probabilities).set("step", View.of(step, DType.I32, 1)).set("y", View.of(noise, DType.F32, 5))
          .set("distribution", 1).set("seed_low", 5).set("seed_high", 6).set("stream_low", 0).set("stream_high", 0);
      Arguments draw =
          GumbelTopK.SPEC.arguments().set("scores", probabilities).set("p", probabilities).set("noise", View.of(noise, DType.F32, 5))
              .set("index", View.of(index, DType.I32, 1)).set("picked", View.of(arena.allocate(4), DType.F32, 1));
      int draws = 20_000;
      for (int i = 0; i < draws; i++) {
        step.set(ValueLayout.JAVA_INT, 0, i);
        run(made, arena);
        run(draw, arena);
        counts[index.get(ValueLayout.JAVA_INT, 0)]++;
      }
      for (int i = 0; i < p.length; i++) {
        assertEquals(p[i], counts[i] / (double) draws, 4 * Math.sqrt(p[i] * (1 - p[i]) / draws), "entry " + i);
      }
    }
  }

  private static float[] topK(int k, float... x) {
    return filtered(TopK.SPEC.arguments().set("k", k), x);
  }

  private static float[] topP(double drop, int keep, float... x) {
    return filtered(TopP.SPEC.arguments().set("drop", (float) drop).set("keep", keep), x);
  }

  private static float[] typical(double mass, int keep, float... x) {
    return filtered(Typical.SPEC.arguments().set("mass", (float) mass).set("keep", keep), x);
  }

  private static float[] filtered(Arguments a, float... x) {
    try (Arena arena = Arena.ofConfined()) {
      View view = floats(arena, 1, x);
      run(a.set("x", view), arena);
      return view.segment().toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private static void run(Arguments a, Arena arena) {
    a.checked();
    var variant = a.spec().reference();
    variant.body().run(a, 0, variant.units().applyAsInt(a), arena.allocate(Math.max(8, variant.scratch().applyAsLong(a)), 64));
  }

  private static View floats(Arena arena, int rows, float... x) {
    return View.of(arena.allocateFrom(ValueLayout.JAVA_FLOAT, x), DType.F32, rows, x.length / rows);
  }

  private static View vector(Arena arena, float... x) {
    return View.of(arena.allocateFrom(ValueLayout.JAVA_FLOAT, x), DType.F32, x.length);
  }

  private static float[] logs(double... p) {
    float[] x = new float[p.length];
    for (int i = 0; i < p.length; i++) {
      x[i] = (float) Math.log(p[i]) + 2;
    }
    return x;
  }

  private static float[] random(int d) {
    Random random = new Random(3);
    float[] x = new float[d];
    for (int i = 0; i < d; i++) {
      x[i] = Math.round(random.nextGaussian() * 100) / 10f;
    }
    return x;
  }
}
