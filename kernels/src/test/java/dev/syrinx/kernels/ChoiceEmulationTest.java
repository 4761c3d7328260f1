package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.syrinx.kernels.sample.DrawCodes;
import dev.syrinx.kernels.sample.ProcessScores;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Filters and draws as a request asks for them, on the emulated device against the reference: the contract's cases have random settings, which seldom filter. Rows with ties, with
 * nothing left, and with what is not a number take the slow ways.
 */
final class ChoiceEmulationTest {
  private static final int CAPACITY = 600;

  @BeforeAll
  static void compile() throws IOException, InterruptedException {
    Optional<Path> compiler = Emulator.compiler();
    assumeTrue(compiler.isPresent(), "no C++ compiler: CUDA sources are not emulated");
    for (String name : Set.of("process_scores", "draw_codes")) {
      if (Emulator.stale("sample/" + name)) {
        Emulator.finish("sample/" + name, Emulator.compile(compiler.get(), "sample/" + name, Set.of(name)));
      }
    }
  }

  // beams, columns, penalty, mass, temperature, k, drop, what the scores are like
  @ParameterizedTest
  @CsvSource({
      "1, 8194, 10, 0, 0.8, 30, 0.2, plain", "3, 8194, 10, 0, 0.8, 30, 0.2, plain", "2, 8194, 1.3, 0, 1, 32, -1, plain", "3, 130, 10, 0, 0.8, 30, 0.2, plain",
      "1, 17, 10, 0, 0.8, 30, 0.2, plain", "1, 8194, 10, 0, 0.8, 30, 0.2, peak", "3, 8194, 10, 0, 0.8, 5, 0.9, flat", "3, 8194, 10, 0, 0.8, 30, 0.2, steps",
      "1, 8194, 1, 0, 1, 30, 0.2, same", "1, 8194, 1, 0, 1, 2, 0.2, zeros", "1, 8194, 10, 0, 0.8, 30, 0.2, infinite", "3, 8194, 10, 0, 0.8, 30, 0.2, few",
      "1, 8194, 10, 0, 0.8, 30, 0.2, nothing", "3, 8194, 10, 0, 0.8, 30, 0.2, number", "3, 1000, 10, 0, 0.8, 0, 0.2, plain", "1, 1000, 10, 0.7, 0.8, 30, 0.2, plain",
      "1, 8194, 10, 0, 1, 0, -1, plain", "3, 3000, 10, 0, 0.8, 50, 0.2, plain", "1, 9300, 10, 0, 0.8, 30, 0.2, plain", "1, 8194, 1, 0, 1, 1, 0.2, plain"})
  void asTheReference(int beams, int d, float penalty, float mass, float temperature, int k, float drop, String kind) {
    Choice choice = new Choice(beams, d, kind, new Random(1), new float[] {penalty, mass, beams > 1 ? 2 : 1, temperature, k, drop});
    float[][] want = choice.run(ProcessScores.SPEC.reference(), DrawCodes.SPEC.reference());
    float[][] got = choice.run(emulated(ProcessScores.SPEC, "process_scores"), emulated(DrawCodes.SPEC, "draw_codes"));
    for (int i = 0; i < want[0].length; i++) {
      boolean alike = Float.compare(want[0][i], got[0][i]) == 0 || Math.abs(want[0][i] - got[0][i]) <= 2e-6f * Math.abs(want[0][i]);
      assertTrue(alike, "score " + i % d + " of beam " + i / d + ": " + want[0][i] + ", " + got[0][i]);
    }
    assertArrayEquals(want[1], got[1], "draws");
  }

  private static Variant emulated(KernelSpec spec, String entry) {
    CudaVariant cuda = spec.cuda().getFirst();
    return Emulator.variant(cuda, Set.of(entry), false);
  }

  /** The scores of a step and what is asked for. */
  private record Choice(int beams, int d, String kind, float[] logits, int[] history, float[] settings) {
    private Choice(int beams, int d, String kind, Random random, float[] settings) {
      this(beams, d, kind, logits(beams * d, kind, random), random.ints(beams * CAPACITY, 0, d).toArray(), settings);
    }

    private static float[] logits(int n, String kind, Random random) {
      DoubleUnaryOperator shape = switch (kind) {
        case "peak" -> v -> v * 9;
        case "flat" -> v -> v * 0.01;
        case "steps" -> v -> Math.rint(v * 2) / 2 - 1;
        case "same" -> _ -> 1.5;
        case "zeros" -> v -> v > 0 ? 0.0 : -v > 1 ? -0.0 : v;
        case "few" -> v -> v > 3 ? v : Double.NEGATIVE_INFINITY;
        case "nothing" -> _ -> Double.NEGATIVE_INFINITY;
        default -> v -> v * 3;
      };
      float[] made = new float[n];
      for (int i = 0; i < n; i++) {
        made[i] = (float) shape.applyAsDouble(random.nextGaussian());
      }
      if (kind.equals("infinite")) {
        made[n / 2] = Float.POSITIVE_INFINITY;
      } else if (kind.equals("number")) {
        made[n / 3] = Float.NaN;
      }
      return made;
    }

    /** Scores, and draws with their scores. */
    private float[][] run(Variant process, Variant draw) {
      try (Arena arena = Arena.ofConfined()) {
        View scores = floats(arena, new float[beams * d], beams, d);
        View steps = ints(arena, new int[] {340}, 1);
        View counts = ints(arena, new int[] {beams}, 1);
        Arguments first = ProcessScores.SPEC
            .arguments().set("x", floats(arena, logits, beams, d)).set("history", ints(arena, history, beams, CAPACITY)).set("steps", steps).set("beams", counts)
            .set("settings", floats(arena, settings, 1, settings.length)).set("y", scores).checked();
        process.body().run(first, 0, process.units().applyAsInt(first), arena.allocate(Math.max(64, process.scratch().applyAsLong(first)), 64));
        float[] sums = new float[beams];
        for (int b = 0; b < beams; b++) {
          sums[b] = -10 - 0.3f * b;
        }
        View drawn = ints(arena, new int[2 * beams], 1, 2 * beams);
        View picked = floats(arena, new float[2 * beams], 1, 2 * beams);
        Arguments second = DrawCodes.SPEC
            .arguments().set("scores", scores).set("sums", floats(arena, sums, beams)).set("beams", counts).set("steps", steps).set("greedy", ints(arena, new int[1], 1))
            .set("seeds", ints(arena, new int[] {7, 0, 1, 0}, 1, 4)).set("drawn", drawn).set("picked", picked).set("capacity", CAPACITY).checked();
        draw.body().run(second, 0, draw.units().applyAsInt(second), arena.allocate(Math.max(64, draw.scratch().applyAsLong(second)), 64));
        float[] both = new float[4 * beams];
        for (int i = 0; i < 2 * beams; i++) {
          both[2 * i] = drawn.segment().getAtIndex(ValueLayout.JAVA_INT, i);
          both[2 * i + 1] = picked.segment().getAtIndex(ValueLayout.JAVA_FLOAT, i);
        }
        return new float[][] {scores.segment().toArray(ValueLayout.JAVA_FLOAT), both};
      }
    }

    private static View floats(Arena arena, float[] values, int... shape) {
      MemorySegment memory = arena.allocate(values.length * 4L, 64);
      MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
      return View.of(memory, DType.F32, shape);
    }

    private static View ints(Arena arena, int[] values, int... shape) {
      MemorySegment memory = arena.allocate(values.length * 4L, 64);
      MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_INT, 0, values.length);
      return View.of(memory, DType.I32, shape);
    }
  }
}
