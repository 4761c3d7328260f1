package dev.syrinx.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.model.gpt.TinyGpt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole generations against the official code: every draw, every beam, every code. */
class GenerationGoldenTest {
  private static final SamplingOptions PLAIN = SamplingOptions.defaults().withBeams(1);

  @ParameterizedTest
  @CsvSource({"1, rp1, false", "10, rp10, false", "10, rp10, true"})
  void greedy(double penalty, String suffix, boolean scalar) {
    try (TinyGpt tiny = new TinyGpt(scalar, 0)) {
      int tokens = tiny.golden.param("gpt_greedy", "tokens").asInt();
      SamplingOptions options = PLAIN.withGreedy(true).withRepetitionPenalty(penalty).withMaxTokens(tokens);
      List<Float> margins = new ArrayList<>();
      Generation made = run(tiny, options, noNoise(), step -> margins.add(margin(step.scores().toFloats())));
      tiny.golden.assertSame("gpt_greedy/codes_" + suffix, made.codes());
      tiny.golden.assertClose("gpt_greedy/margin_" + suffix, floats(margins));
      assertEquals(StopReason.MAX_TOKENS, made.reason());
      assertEquals(tokens, made.statistics().steps());
    }
  }

  @Test
  void greedyIsSamplingOfTheBest() {
    try (TinyGpt tiny = new TinyGpt()) {
      SamplingOptions options = PLAIN.withTopK(1).withRepetitionPenalty(1).withMaxTokens(140);
      tiny.golden.assertSame("gpt_greedy/codes_rp1", run(tiny, options, NoiseSource.seeded(1, 2), step -> true).codes());
    }
  }

  @ParameterizedTest
  @CsvSource({"defaults, '', 64", "hot, hot_, 24", "typical, typical_, 24"})
  void sampling(String setting, String prefix, int tokens) {
    try (TinyGpt tiny = new TinyGpt()) {
      SamplingOptions options = options(PLAIN, tiny.golden.param("gpt_sample", setting)).withMaxTokens(tokens);
      Recorder recorder = new Recorder();
      Generation made = run(tiny, options, noise(tiny, "gpt_sample/noise"), recorder);
      tiny.golden.assertSame("gpt_sample/" + prefix + "codes", made.codes());
      tiny.golden.assertSame("gpt_sample/" + prefix + "draws", ints(recorder.draws));
      recorder.compare(tiny, "gpt_sample/" + prefix);
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void beams(boolean scalar) {
    try (TinyGpt tiny = new TinyGpt(scalar, 0)) {
      SamplingOptions options = options(SamplingOptions.defaults(), tiny.golden.param("gpt_beam", "defaults"))
          .withBeams(tiny.golden.param("gpt_beam", "num_beams").asInt())
          .withLengthPenalty(tiny.golden.param("gpt_beam", "length_penalty").asDouble())
          .withMaxTokens(tiny.golden.param("gpt_beam", "tokens").asInt());
      Recorder recorder = new Recorder();
      Generation made = run(tiny, options, noise(tiny, "gpt_beam/noise"), recorder);
      tiny.golden.assertSame("gpt_beam/draws", ints(recorder.draws));
      recorder.compare(tiny, "gpt_beam/");
      recorder.compareBeams(tiny, "gpt_beam/");
      tiny.golden.assertSame("gpt_beam/codes", made.codes());
      assertEquals(tiny.golden.floats("gpt_beam/sequence_score")[0], made.score(), 40 * tiny.golden.tolerance("gpt_beam/next_beam_scores"));
    }
  }

  @Test
  void greedyStops() {
    stops("stop_bias_greedy", "greedy_codes", PLAIN.withGreedy(true), "", "");
  }

  @Test
  void samplingStops() {
    stops("stop_bias_sample", "sample_codes", PLAIN, "gpt_stop/noise_1", "sample_");
  }

  @Test
  void beamsStop() {
    stops("stop_bias_beam", "beam_codes", SamplingOptions.defaults(), "gpt_stop/noise_3", "beam_");
  }

  private static void stops(String bias, String codes, SamplingOptions options, String noise, String prefix) {
    try (TinyGpt probe = new TinyGpt();
        TinyGpt tiny = new TinyGpt(false, (float) probe.golden.param("gpt_stop", bias).asDouble())) {
      Recorder recorder = new Recorder();
      int tokens = tiny.golden.param("gpt_stop", "tokens").asInt();
      Generation made = run(tiny, options.withMaxTokens(tokens), noise.isEmpty() ? noNoise() : noise(tiny, noise), recorder);
      int[] golden = tiny.golden.ints("gpt_stop/" + codes); // the stop id included
      if (!prefix.isEmpty()) {
        tiny.golden.assertSame("gpt_stop/" + prefix + "draws", ints(recorder.draws));
      }
      if (options.beams() > 1) {
        recorder.compareBeams(tiny, "gpt_stop/" + prefix);
        assertEquals(
            tiny.golden.floats("gpt_stop/beam_sequence_score")[0], made.score(),
            40 * tiny.golden.tolerance("gpt_stop/beam_next_beam_scores"));
      }
      assertArrayEquals(Arrays.copyOf(golden, golden.length - 1), made.codes());
      assertEquals(StopReason.STOP_TOKEN, made.reason());
    }
  }

  private static Generation run(TinyGpt tiny, SamplingOptions options, NoiseSource noise, GenerationListener listener) {
    try (GptSession session = Generator.open(tiny.ops, tiny.gpt(), tiny.speaker(), tiny.emotion(), tiny.text(), options)) {
      return Generator.run(session, options, noise, listener);
    }
  }

  private static SamplingOptions options(SamplingOptions base, JsonNode setting) {
    JsonNode mass = setting.path("typical_mass");
    return base.withTopP(setting.path("top_p").asDouble())
        .withTopK(setting.path("top_k").asInt()).withTemperature(setting.path("temperature").asDouble())
        .withRepetitionPenalty(setting.path("repetition_penalty").asDouble())
        .withTypicalMass(mass.isNumber() ? OptionalDouble.of(mass.asDouble()) : OptionalDouble.empty());
  }

  private static NoiseSource noise(TinyGpt tiny, String reference) {
    float[] flat = tiny.golden.floats(reference);
    int rows = tiny.golden.dim(reference, 0);
    int columns = flat.length / rows;
    float[][] noise = new float[rows][];
    for (int r = 0; r < rows; r++) {
      noise[r] = Arrays.copyOfRange(flat, r * columns, (r + 1) * columns);
    }
    return NoiseSource.given(noise);
  }

  private static NoiseSource noNoise() {
    return NoiseSource.given(new float[0][]);
  }

  /** Gap between the best and the second score. */
  private static float margin(float[] scores) {
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length - 1] - sorted[sorted.length - 2];
  }

  private static float[] floats(List<Float> list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i);
    }
    return values;
  }

  private static int[] ints(List<int[]> rows) {
    return rows.stream().flatMapToInt(Arrays::stream).toArray();
  }

  /** Keeps what every step did. */
  private static final class Recorder implements GenerationListener {
    private final List<int[]> draws = new ArrayList<>();
    private final List<int[]> tokens = new ArrayList<>();
    private final List<int[]> parents = new ArrayList<>();
    private final List<float[]> beamScores = new ArrayList<>();
    private final List<float[]> logits = new ArrayList<>();
    private final List<float[]> scores = new ArrayList<>();

    @Override
    public boolean step(Step step) {
      draws.add(step.draws());
      tokens.add(step.tokens());
      parents.add(step.parents());
      beamScores.add(step.beamScores());
      logits.add(step.logits().toFloats());
      scores.add(step.scores().toFloats());
      return true;
    }

    void compare(TinyGpt tiny, String prefix) {
      int steps = tiny.golden.dim(prefix + "raw_logits", 0);
      tiny.golden.assertClose(prefix + "raw_logits", concat(logits.subList(0, steps)));
      float[] want = tiny.golden.floats(prefix + "processed_scores");
      float[] got = concat(scores.subList(0, steps));
      equal(prefix + "processed_scores", want, got, tiny.golden.tolerance(prefix + "processed_scores"));
    }

    void compareBeams(TinyGpt tiny, String prefix) {
      tiny.golden.assertSame(prefix + "next_beam_tokens", ints(tokens));
      tiny.golden.assertSame(prefix + "next_beam_indices", ints(parents));
      equal(
          prefix + "next_beam_scores", tiny.golden.floats(prefix + "next_beam_scores"), concat(beamScores),
          tiny.golden.tolerance(prefix + "next_beam_scores"));
    }

    private static void equal(String what, float[] want, float[] got, double tolerance) {
      assertEquals(want.length, got.length, what);
      for (int i = 0; i < want.length; i++) {
        boolean same = Float.isInfinite(want[i]) ? want[i] == got[i] : Math.abs(want[i] - got[i]) <= tolerance;
        assertTrue(same, what + "[" + i + "]: " + want[i] + " became " + got[i]);
      }
    }

    private static float[] concat(List<float[]> rows) {
      float[] all = new float[rows.size() * rows.getFirst().length];
      for (int i = 0; i < rows.size(); i++) {
        System.arraycopy(rows.get(i), 0, all, i * rows.getFirst().length, rows.getFirst().length);
      }
      return all;
    }
  }
}
