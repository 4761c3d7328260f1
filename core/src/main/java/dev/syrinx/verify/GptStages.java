package dev.syrinx.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.syrinx.backend.Ops;
import dev.syrinx.decode.Generation;
import dev.syrinx.decode.GenerationListener;
import dev.syrinx.decode.Generator;
import dev.syrinx.decode.NoiseSource;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.model.conditioning.Conditioner;
import dev.syrinx.model.emotion.EmotionMatrix;
import dev.syrinx.model.gpt.Gpt;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.text.emotion.EmotionVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** Stages of the autoregressive half. */
final class GptStages {
  private static final SamplingOptions PLAIN = SamplingOptions.defaults().withBeams(1);

  /** Given noise so large that it decides alone: how a sequence of codes is forced through the decode path. */
  private static final float FORCE = 1e6f;

  private GptStages() {}

  static void conditioning(VerifyContext c, Results out) {
    Ops ops = c.ops;
    Conditioner conditioner = c.model.conditioner();
    Tensor spk = c.matrix("w2v/spk_cond");
    out.floats("spk_latents", ops.download(conditioner.speaker(ops, spk)));
    out.floats("spk_subsampled", c.tap("conditioning.spk_subsampled"));
    out.floats("spk_conformer", c.tap("conditioning.spk_conformer"));
    Tensor base = conditioner.emotion(ops, spk);
    c.forget();
    Tensor emotion = conditioner.emotion(ops, c.matrix("w2v/emo_cond"));
    out.floats("emo_conformer", c.tap("conditioning.emo_conformer"));
    out.floats("emo_perceiver", c.tap("conditioning.emo_perceiver"));
    out.floats("base_vec", ops.download(base));
    out.floats("emo_vec", ops.download(emotion));
    out.floats("emovec_alpha_1_0", ops.download(conditioner.merge(ops, base, emotion, 1f)));
    out.floats("emovec_alpha_0_6", ops.download(conditioner.merge(ops, base, emotion, 0.6f)));
    Tensor own = conditioner.emotion(ops, c.matrix("w2v/spk_as_emo_cond"));
    out.floats("emovec_default", ops.download(conditioner.merge(ops, base, own, 1f)));
    int length = c.golden.params("conditioning").path("masked_length").asInt();
    out.floats("spk_latents_masked", ops.download(conditioner.speaker(ops, spk, length)));
    out.floats("base_vec_masked", ops.download(conditioner.emotion(ops, spk, length)));
  }

  static void emotionVector(VerifyContext c, Results out) {
    EmotionMatrix matrix = c.model.emotions();
    int[] rows = matrix.nearest(c.golden.floats("campplus/style"));
    out.ints("row_index", rows);
    JsonNode vectors = c.golden.params("emo_vector").path("vectors");
    for (int i = 0; i < vectors.size(); i++) {
      EmotionVector weights = EmotionVector.of(doubles(vectors.get(i).path("vector"))).scaled(vectors.get(i).path("emo_alpha").asDouble());
      float[] mix = matrix.mix(weights, rows);
      out.floats("mat_" + i, mix);
      out.floats("emovec_" + i, EmotionMatrix.blend(weights, mix, c.golden.floats("conditioning/emovec_default")));
    }
    int wrong = 0;
    JsonNode limited = c.golden.params("emo_vector").path("normalize_emo_vec");
    for (JsonNode one : limited) {
      double[] got = EmotionVector.of(doubles(one.path("vector"))).balanced(one.path("apply_bias").asBoolean()).toArray();
      double[] want = doubles(one.path("result"));
      for (int i = 0; i < got.length; i++) {
        wrong += Math.abs(got[i] - want[i]) > 1e-15 ? 1 : 0;
      }
    }
    out.add(Check.rows("emo_vector", "normalize_emo_vec", wrong, limited.size(), "a weight"));
  }

  private static double[] doubles(JsonNode list) {
    double[] values = new double[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).asDouble();
    }
    return values;
  }

  static void prefill(VerifyContext c, Results out) {
    int[] ids = c.golden.ints("gpt_prefill/text_ids");
    try (GptSession session = open(c, c.model.gpt(), ids, PLAIN)) {
      out.floats("prefix", c.tap("gpt.prefix"));
      out.floats("hidden_block_0", c.tap("gpt.hidden_block_0"));
      out.floats("last_hidden", c.tap("gpt.last_hidden"));
      out.floats("logits_last", c.ops.download(session.logits()));
      out.ints("fake_ids", filler(c, session.prompt()));
    }
    c.forget();
    int[] padded = c.golden.ints("gpt_prefill/padded_text_ids");
    try (GptSession session = open(c, c.model.gpt(), padded, PLAIN)) {
      out.floats("padded_prefix", c.tap("gpt.prefix"));
      out.floats("padded_logits_last", c.ops.download(session.logits()));
      int width = c.model.gpt().width();
      int rows = c.tap("gpt.prefix").length / width;
      int[] mask = new int[rows + 1];
      Arrays.fill(mask, rows + 1 - session.prompt(), rows + 1, 1);
      out.ints("padded_mask", mask);
      out.ints("padded_text_ids", padded);
    }
  }

  /** The reference's stand-in ids of a prompt: all 1, the last one the start code. The repetition penalty acts on them. */
  private static int[] filler(VerifyContext c, int prompt) {
    int[] ids = new int[prompt];
    Arrays.fill(ids, c.model.gpt().config().stopText());
    ids[prompt - 1] = c.model.gpt().config().startCode();
    return ids;
  }

  static void teacher(VerifyContext c, Results out) {
    int[] codes = c.golden.ints("gpt_teacher/teacher_codes");
    int vocabulary = c.model.gpt().vocabulary();
    float[][] noise = new float[codes.length + 1][vocabulary];
    for (int i = 0; i < codes.length; i++) {
      noise[i][codes[i]] = FORCE;
    }
    noise[codes.length][0] = FORCE;
    SamplingOptions options = PLAIN.withTopK(0).withTopP(1).withTemperature(1).withRepetitionPenalty(1).withMaxTokens(codes.length + 1);
    Recorder recorder = new Recorder(c.ops);
    generate(c, c.model.gpt(), options, NoiseSource.given(noise), recorder);
    out.floats("logits", join(recorder.logits, codes.length + 1));
  }

  static void greedy(VerifyContext c, Results out) {
    for (int penalty : new int[] {1, 10}) {
      SamplingOptions options = PLAIN
          .withGreedy(true).withRepetitionPenalty(penalty).withMaxTokens(c.golden.params("gpt_greedy").path("tokens").asInt());
      Recorder recorder = new Recorder(c.ops);
      Generation made = generate(c, c.model.gpt(), options, NoiseSource.given(new float[0][]), recorder);
      out.ints("codes_rp" + penalty, codes(c, "gpt_greedy/codes_rp" + penalty, made));
      out.floats("margin_rp" + penalty, Arrangement.margins(join(recorder.scores, recorder.scores.size()), c.model.gpt().vocabulary()));
    }
  }

  static void sample(VerifyContext c, Results out) {
    JsonNode params = c.golden.params("gpt_sample");
    String[][] settings = {{"defaults", "", "tokens"}, {"hot", "hot_", "tokens_other"}, {"typical", "typical_", "tokens_other"}};
    for (String[] s : settings) {
      SamplingOptions options = options(PLAIN, params.path(s[0])).withMaxTokens(params.path(s[2]).asInt());
      Recorder recorder = new Recorder(c.ops);
      Generation made = generate(c, c.model.gpt(), options, noise(c, "gpt_sample/noise"), recorder);
      out.ints(s[1] + "codes", codes(c, "gpt_sample/" + s[1] + "codes", made));
      recorder.put(c, out, "gpt_sample", s[1], "gpt_sample/noise");
    }
  }

  static void beam(VerifyContext c, Results out) {
    JsonNode params = c.golden.params("gpt_beam");
    SamplingOptions options =
        options(SamplingOptions.defaults(), params.path("defaults")).withBeams(params.path("num_beams").asInt())
            .withLengthPenalty(params.path("length_penalty").asDouble()).withMaxTokens(params.path("tokens").asInt());
    Recorder recorder = new Recorder(c.ops);
    Generation made = generate(c, c.model.gpt(), options, noise(c, "gpt_beam/noise"), recorder);
    out.ints("codes", codes(c, "gpt_beam/codes", made));
    recorder.put(c, out, "gpt_beam", "", "gpt_beam/noise");
    recorder.putBeams(out, "");
    out.sum("sequence_score", (float) made.score(), c.golden.tolerance("gpt_beam", "next_beam_scores"));
  }

  static void stop(VerifyContext c, Results out) {
    stop(c, out, "greedy", PLAIN.withGreedy(true), "");
    stop(c, out, "sample", PLAIN, "gpt_stop/noise_1");
    stop(c, out, "beam", SamplingOptions.defaults(), "gpt_stop/noise_3");
  }

  private static void stop(VerifyContext c, Results out, String kind, SamplingOptions options, String noise) {
    JsonNode params = c.golden.params("gpt_stop");
    Gpt gpt = BiasedStop.load(c, (float) params.path("stop_bias_" + kind).asDouble());
    Recorder recorder = new Recorder(c.ops);
    NoiseSource source = noise.isEmpty() ? NoiseSource.given(new float[0][]) : noise(c, noise);
    Generation made = generate(c, gpt, options.withMaxTokens(params.path("tokens").asInt()), source, recorder);
    out.ints(kind + "_codes", codes(c, "gpt_stop/" + kind + "_codes", made));
    if (!noise.isEmpty()) {
      recorder.put(c, out, "gpt_stop", kind + "_", noise);
    }
    if (options.beams() > 1) {
      recorder.putBeams(out, "beam_");
      out.sum("beam_sequence_score", (float) made.score(), c.golden.tolerance("gpt_stop", "beam_next_beam_scores"));
    }
  }

  private static int[] codes(VerifyContext c, String golden, Generation made) {
    return Arrangement.ended(made.codes(), made.reason(), c.golden.ints(golden), c.model.gpt().config().stopCode());
  }

  static void latent(VerifyContext c, Results out) {
    try (GptSession session = open(c, c.model.gpt(), c.golden.ints("gpt_prefill/text_ids"), PLAIN)) {
      out.floats("latent", c.ops.download(session.latents(c.golden.ints("gpt_latent/latent_codes"))));
    }
  }

  private static GptSession open(VerifyContext c, Gpt gpt, int[] ids, SamplingOptions options) {
    return Generator.open(c.ops, gpt, c.matrix("conditioning/spk_latents"), c.matrix("conditioning/emovec_alpha_1_0"), ids, options);
  }

  private static Generation generate(VerifyContext c, Gpt gpt, SamplingOptions options, NoiseSource noise, GenerationListener listener) {
    try (GptSession session = open(c, gpt, c.golden.ints("gpt_prefill/text_ids"), options)) {
      return Generator.run(session, options, noise, listener);
    }
  }

  private static SamplingOptions options(SamplingOptions base, JsonNode s) {
    JsonNode mass = s.path("typical_mass");
    return base.withTopP(s.path("top_p").asDouble()).withTopK(s.path("top_k").asInt()).withTemperature(s.path("temperature").asDouble())
        .withRepetitionPenalty(s.path("repetition_penalty").asDouble())
        .withTypicalMass(mass.isNumber() ? OptionalDouble.of(mass.asDouble()) : OptionalDouble.empty());
  }

  static NoiseSource noise(VerifyContext c, String reference) {
    return NoiseSource.given(Arrangement.rows(c.golden.floats(reference), c.golden.dim(reference, 0)));
  }

  private static float[] join(List<float[]> rows, int count) {
    int width = rows.isEmpty() ? 0 : rows.getFirst().length;
    float[] all = new float[count * width];
    for (int i = 0; i < Math.min(count, rows.size()); i++) {
      System.arraycopy(rows.get(i), 0, all, i * width, width);
    }
    return all;
  }

  /** Keeps what every step showed. */
  private static final class Recorder implements GenerationListener {
    private final Ops ops;
    private final List<float[]> logits = new ArrayList<>();
    private final List<float[]> scores = new ArrayList<>();
    private final List<int[]> draws = new ArrayList<>();
    private final List<int[]> tokens = new ArrayList<>();
    private final List<int[]> parents = new ArrayList<>();
    private final List<float[]> beamScores = new ArrayList<>();

    private Recorder(Ops ops) {
      this.ops = ops;
    }

    @Override
    public boolean step(Step step) {
      logits.add(ops.download(step.logits()));
      scores.add(ops.download(step.scores()));
      draws.add(step.draws().clone());
      tokens.add(step.tokens().clone());
      parents.add(step.parents().clone());
      beamScores.add(step.beamScores().clone());
      return true;
    }

    private void put(VerifyContext c, Results out, String stage, String prefix, String noise) {
      out.ints(prefix + "draws", flat(draws));
      if (c.golden.has(stage + "/" + prefix + "raw_logits")) {
        int steps = c.golden.dim(stage + "/" + prefix + "raw_logits", 0); // fewer than score_steps where the codes ended before
        out.floats(prefix + "raw_logits", join(logits, steps));
        out.floats(prefix + "processed_scores", join(scores, steps));
      }
      out.floats(
          prefix + "draw_margin",
          Draws.margins(scores, beamScores, draws, Arrangement.rows(c.golden.floats(noise), c.golden.dim(noise, 0))));
    }

    private void putBeams(Results out, String prefix) {
      out.floats(prefix + "next_beam_scores", join(beamScores, beamScores.size()));
      out.ints(prefix + "next_beam_tokens", flat(tokens));
      out.ints(prefix + "next_beam_indices", flat(parents));
    }

    private static int[] flat(List<int[]> rows) {
      return rows.stream().flatMapToInt(Arrays::stream).toArray();
    }
  }
}
