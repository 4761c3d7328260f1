package dev.syrinx.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.syrinx.audio.Pcm16;
import dev.syrinx.backend.Ops;
import dev.syrinx.model.acoustic.FlowInput;
import dev.syrinx.model.acoustic.FlowOptions;
import dev.syrinx.model.acoustic.FlowSchedule;
import dev.syrinx.model.acoustic.Guidance;
import dev.syrinx.model.acoustic.LengthRegulator;
import dev.syrinx.tensor.Tensor;

/** Stages from latents to samples. */
final class AcousticStages {
  private AcousticStages() {}

  static void embeddings(VerifyContext c, Results out) {
    Ops ops = c.ops;
    int[] codes = c.golden.ints("gpt_latent/latent_codes");
    Tensor projected = c.model.projection().apply(ops, c.matrix("gpt_latent/latent"));
    Tensor embedded = c.model.codec().embed(ops, ops.uploadInts(codes, codes.length));
    Tensor sum = ops.add(projected, embedded);
    out.floats("gpt_layer", ops.download(projected));
    out.floats("code_emb", ops.download(embedded));
    out.floats("s_infer", ops.download(sum));
    int frames = LengthRegulator.frames(codes.length);
    out.ints("target_lengths", new int[] {frames});
    out.floats("cond", ops.download(c.model.regulator().apply(ops, sum, frames)));
  }

  static void flow(VerifyContext c, Results out) {
    Ops ops = c.ops;
    JsonNode params = c.golden.params("cfm");
    FlowSchedule schedule = FlowSchedule.uniform(params.path("steps").asInt());
    FlowOptions options = FlowOptions.standard().with(schedule).with(Guidance.always((float) params.path("cfg_rate").asDouble()));
    float[] z = c.golden.floats("cfm/z");
    FlowInput input = new FlowInput(
        c.timeMajor("ref_mel/mel"), c.matrix("prompt_condition/prompt_condition"), c.matrix("s_infer/cond"), c.matrix("campplus/style"));
    try (var _ = ops.scope()) {
      // All frames, those of the prompt too: only the first step is compared so, and one step more ends the run.
      c.model.flow().generate(ops, input, z, options.with(FlowSchedule.of(0f, schedule.length(0), 1f)).inspected());
    }
    out.timeMajor("step0_cond", c.tap("cfm.step0_cond"));
    out.timeMajor("step0_null", c.tap("cfm.step0_null"));
    c.forget();
    out.timeMajor("mel_25", ops.download(c.model.flow().generate(ops, input, z, options)));
    out.timeMajor("x_after_1", c.tap("cfm.x_after_1"));
    out.timeMajor("x_after_5", c.tap("cfm.x_after_5"));
    float[] time = {0.2f};
    out.floats("t_emb_0_2", ops.download(c.model.flow().timeEmbedding(ops, time)));
    out.floats("t_emb2_0_2", ops.download(c.model.flow().waveTimeEmbedding(ops, time)));
  }

  static void vocoder(VerifyContext c, Results out) {
    float[] wave = c.model.vocoder().vocode(c.ops, c.timeMajor("cfm/mel_25"));
    out.floats("wav", wave);
    short[] samples = Pcm16.truncated(Pcm16.scaled(wave));
    int[] wide = new int[samples.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = samples[i];
    }
    out.ints("int16", wide);
    for (String part : new String[] {"conv_pre", "up_0", "resblock_0"}) {
      out.timeMajor(part, c.tap("bigvgan." + part));
    }
  }
}
