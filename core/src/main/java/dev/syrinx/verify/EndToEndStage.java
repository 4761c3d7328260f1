package dev.syrinx.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.syrinx.audio.Pcm16;
import dev.syrinx.audio.SpeechAudio;
import dev.syrinx.decode.NoiseSource;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.synth.Chance;
import dev.syrinx.synth.Emotion;
import dev.syrinx.synth.Engine;
import dev.syrinx.synth.SignalFrontEnd;
import dev.syrinx.synth.SpeechListener;
import dev.syrinx.synth.SpeechRequest;
import dev.syrinx.synth.SpeechResult;
import dev.syrinx.synth.Voice;
import dev.syrinx.text.emotion.EmotionVector;
import java.util.Arrays;

/** Whole requests through the public engine, with the golden run's random numbers. */
final class EndToEndStage {
  private static final String STAGE = "e2e";

  private EndToEndStage() {}

  static void run(VerifyContext c, Results out) {
    Engine engine = Engine.borrowing(c.ops.backend(), c.model, c.folder);
    c.golden.params(STAGE).path("cases").properties().forEach(entry -> {
      String name = entry.getKey();
      JsonNode spec = entry.getValue();
      SpeechAudio audio = SignalFrontEnd.audio(c.model.config());
      var clip = c.golden.path(spec.path("spk").asText());
      // The golden resampled signal where it is this clip's: soxr's filter can only be approximated.
      boolean stored =
          spec.path("spk").asText().equals(c.golden.params("audio").path("spk").asText());
      Voice voice = stored
          ? engine.voice(
              spec.path("spk").asText(), new SpeechAudio.Speaker(c.golden.floats("audio/spk_22k"), c.golden.floats("audio/spk_16k")),
              c.golden.floats("audio/spk_emo16k"))
          : engine.voice(spec.path("spk").asText(), audio.speaker(clip), audio.emotion(clip));
      SpeechResult made = engine.speak(request(c, spec, voice), chance(c, name, spec), SpeechListener.NONE);
      out.ints(name + "_int16", wide(Pcm16.truncated(made.scaled())));
      out.ints(name + "_file_int16", wide(Pcm16.forFile(made.scaled())));
      for (int i = 0; i < made.segments().size(); i++) {
        out.ints(name + "_codes_" + i, made.segments().get(i).codes());
      }
    });
  }

  private static SpeechRequest request(VerifyContext c, JsonNode spec, Voice voice) {
    JsonNode args = spec.path("args");
    boolean greedy = spec.path("decode").asText().equals("greedy");
    SamplingOptions sampling = SamplingOptions.defaults().withBeams(args.path("num_beams").asInt(greedy ? 1 : 3)).withGreedy(greedy)
        .withMaxTokens(args.path("max_mel_tokens").asInt(1500)).withRepetitionPenalty(args.path("repetition_penalty").asDouble(10));
    return SpeechRequest.of(spec.path("text").asText(), voice).sampling(sampling).emotion(emotion(c, args))
        .segmentTokens(args.path("max_text_tokens_per_segment").asInt(120)).silenceMillis(args.path("interval_silence").asInt(200)).build();
  }

  private static Emotion emotion(VerifyContext c, JsonNode args) {
    double alpha = args.path("emo_alpha").asDouble(1);
    if (args.has("emo_vector")) {
      double[] weights = new double[args.path("emo_vector").size()];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = args.path("emo_vector").get(i).asDouble();
      }
      return new Emotion.OfVector(EmotionVector.of(weights).scaled(alpha));
    }
    return args.has("emo_audio_prompt")
        ? new Emotion.OfAudio(c.golden.path(args.path("emo_audio_prompt").asText()), (float) alpha)
        : new Emotion.OfVoice();
  }

  private static Chance chance(VerifyContext c, String name, JsonNode spec) {
    boolean greedy = spec.path("decode").asText().equals("greedy");
    return new Chance() {
      @Override
      public NoiseSource codes(int segment) {
        return greedy ? NoiseSource.given(new float[0][]) : GptStages.noise(c, STAGE + "/" + name + "_gumbel");
      }

      @Override
      public float[] flow(int segment, int mels, int frames) {
        float[] z = c.golden.floats(STAGE + "/" + name + "_z_" + segment);
        return z.length == mels * frames ? z : Arrays.copyOf(z, mels * frames); // another length has failed before: its codes differ
      }
    };
  }

  private static int[] wide(short[] samples) {
    int[] wide = new int[samples.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = samples[i];
    }
    return wide;
  }
}
