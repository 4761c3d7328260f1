package dev.syrinx.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.model.gpt.TinyGpt;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a generation guarantees whatever the model says. */
class GeneratorTest {
  private static TinyGpt tiny;

  @BeforeAll
  static void open() {
    tiny = new TinyGpt();
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  private static GptSession session() {
    return new GptSession(tiny.ops, tiny.gpt(), tiny.speaker(), tiny.emotion(), tiny.text());
  }

  private static Generation run(SamplingOptions options, long seed) {
    try (GptSession session = session()) {
      return Generator.run(session, options, NoiseSource.seeded(seed, 0), GenerationListener.NONE);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void howKeysAndValuesAreKeptChangesNothing(int beams) {
    SamplingOptions options = SamplingOptions.defaults().withBeams(beams).withMaxTokens(150);
    Generation first = run(options, 4);
    for (KvOptions kv : List.of(
        KvOptions.defaults().withBlockSize(19), KvOptions.defaults().withBlockSize(256), KvOptions.defaults().withLayout(KvOptions.Layout.CONTIGUOUS))) {
      try (GptSession session = Generator.open(tiny.ops, tiny.gpt(), tiny.speaker(), tiny.emotion(), tiny.text(), options, kv)) {
        assertArrayEquals(first.codes(), Generator.run(session, options, NoiseSource.seeded(4, 0), GenerationListener.NONE).codes(), kv.toString());
      }
    }
    assertTrue(first.statistics().slots() < first.statistics().prompt() + 150 * beams || beams == 1, "beams share blocks");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void theSameSeedGivesTheSameCodes(int beams) {
    SamplingOptions options = SamplingOptions.defaults().withBeams(beams).withMaxTokens(40);
    int[] first = run(options, 11).codes();
    assertArrayEquals(first, run(options, 11).codes());
    assertFalse(Arrays.equals(first, run(options, 12).codes()));
    assertFalse(Arrays.equals(first, run(options, 11L << 32).codes()), "all 64 bits of the seed count");
  }

  @Test
  void greedyBeamsNeedNoChance() {
    SamplingOptions options = SamplingOptions.defaults().withBeams(4).withGreedy(true).withRepetitionPenalty(1).withMaxTokens(30);
    Generation beams = run(options, 1);
    assertArrayEquals(beams.codes(), run(options, 2).codes());
    double plain = logProbability(run(options.withBeams(1), 1).codes());
    assertEquals(beams.score(), logProbability(beams.codes()), 1e-2);
    assertTrue(beams.score() >= plain, beams.score() + " against " + plain);
  }

  /** Sum of log-probabilities that the decoder gives to codes, one after the other. */
  private static double logProbability(int[] codes) {
    double[] sum = {0};
    SamplingOptions options = SamplingOptions.defaults()
        .withBeams(1).withTemperature(1).withTopK(0).withTopP(1).withRepetitionPenalty(1).withMaxTokens(codes.length);
    float[][] forced = new float[codes.length][tiny.gpt().vocabulary()];
    for (int i = 0; i < codes.length; i++) {
      forced[i][codes[i]] = 5000; // noise that leaves no choice
    }
    try (GptSession session = session()) {
      Generation made = Generator.run(session, options, NoiseSource.given(forced), step -> {
        float[] logits = step.logits().toFloats();
        double norm = 0;
        for (float logit : logits) {
          norm += Math.exp(logit);
        }
        sum[0] += logits[step.tokens()[0]] - Math.log(norm);
        return true;
      });
      assertArrayEquals(codes, made.codes());
    }
    return sum[0];
  }

  @Test
  void latentsAfterAGenerationAreThoseOfAFreshSession() {
    SamplingOptions options = SamplingOptions.defaults().withMaxTokens(50);
    try (GptSession used = session()) {
      int[] codes = Generator.run(used, options, NoiseSource.seeded(3, 3), GenerationListener.NONE).codes();
      float[] latents = tiny.ops.download(used.latents(codes));
      try (GptSession fresh = session()) {
        assertArrayEquals(tiny.ops.download(fresh.latents(codes)), latents);
      }
    }
  }

  @Test
  void aListenerFollowsAndMayCancel() {
    int[] seen = {0};
    try (GptSession session = session()) {
      Generation made = Generator.run(session, SamplingOptions.defaults().withMaxTokens(50), NoiseSource.seeded(1, 1), step -> {
        assertEquals(seen[0]++, step.index());
        assertEquals(50, step.limit());
        assertTrue(step.nanos() > 0);
        assertEquals(6, step.draws().length);
        return step.index() < 9;
      });
      assertEquals(StopReason.CANCELLED, made.reason());
      assertEquals(10, made.codes().length);
      assertEquals(10, seen[0]);
    }
  }

  @Test
  void manyBeamsAndAllFilters() {
    SamplingOptions options = SamplingOptions.defaults()
        .withBeams(16).withTypicalMass(OptionalDouble.of(0.9)).withLengthPenalty(-1).withMaxTokens(12);
    Generation made = run(options, 5);
    assertEquals(12, made.codes().length);
    assertTrue(Double.isFinite(made.score()));
  }

  @Test
  void moreCodesThanPositionsAreRefused() {
    int most = tiny.gpt().maxCodes();
    DecodeException e = assertThrows(DecodeException.class, () -> run(SamplingOptions.defaults().withMaxTokens(most + 1), 1));
    assertTrue(e.getMessage().contains(String.valueOf(most)), e.getMessage());
    assertEquals(most, run(SamplingOptions.defaults().withBeams(1).withGreedy(true).withMaxTokens(most), 1).statistics().steps());
  }

  @Test
  void givenNoiseMustFit() {
    try (GptSession session = session()) {
      NoiseSource noise = NoiseSource.given(new float[1][tiny.gpt().vocabulary()]);
      DecodeException e = assertThrows(
          DecodeException.class,
          () -> Generator.run(session, SamplingOptions.defaults().withBeams(1).withMaxTokens(5), noise, GenerationListener.NONE));
      assertTrue(e.getMessage().contains("step 1"), e.getMessage());
    }
  }

  /**
   * One thread does all the work, so that its counter sees everything. Scalar bodies, because vectors are objects until the compiler has
   * seen enough of them: what this test is about is everything around the kernels.
   */
  @Test
  void steadyDecodingAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] before = new long[40];
    long[] after = new long[40];
    try (TinyGpt alone = new TinyGpt(new CpuBackend(1, true), 0);
        GptSession session = new GptSession(alone.ops, alone.gpt(), alone.speaker(), alone.emotion(), alone.text())) {
      Generator.run(session, SamplingOptions.defaults().withMaxTokens(40), NoiseSource.seeded(1, 1), step -> {
        after[step.index()] = threads.getCurrentThreadAllocatedBytes();
        before[step.index()] = threads.getCurrentThreadAllocatedBytes();
        return true;
      });
    }
    long[] perStep = new long[20];
    for (int i = 0; i < perStep.length; i++) {
      perStep[i] = after[i + 20] - before[i + 19];
    }
    assertEquals(
        0, Arrays.stream(perStep).sorted().toArray()[10], "bytes of a step, from codes fed to beams chosen: " + Arrays.toString(perStep));
  }
}
