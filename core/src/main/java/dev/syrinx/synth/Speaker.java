package dev.syrinx.synth;

import dev.syrinx.audio.Pcm16;
import dev.syrinx.backend.Ops;
import dev.syrinx.decode.Generation;
import dev.syrinx.decode.Generator;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.decode.StopReason;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.acoustic.FlowInput;
import dev.syrinx.model.acoustic.FlowOptions;
import dev.syrinx.model.acoustic.LengthRegulator;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.tensor.Tensor;

/** Speaks one segment after the other: text ids to samples. One per request. */
final class Speaker {
  /** A spoken segment. */
  static final class Spoken {
    private final float[] scaled;
    private final SpeechResult.Segment segment;

    private Spoken(float[] scaled, SpeechResult.Segment segment) {
      this.scaled = scaled;
      this.segment = segment;
    }

    float[] scaled() {
      return scaled;
    }

    SpeechResult.Segment segment() {
      return segment;
    }
  }

  /** What generation leaves: codes, and the codec-wide embeddings that the flow starts from. */
  private record Coded(Generation generation, Tensor embeddings) {}

  private final IndexTts2 model;
  private final Ops ops;
  private final SpeechRequest request;
  private final Chance chance;
  private final StageTimes times;
  private final SpeechListener listener;
  private final SamplingOptions sampling;
  private final Tensor latents;
  private final Tensor emotion;

  Speaker(IndexTts2 model, Ops ops, SpeechRequest request, Chance chance, StageTimes times, SpeechListener listener, float[] emotion) {
    this.model = model;
    this.ops = ops;
    this.request = request;
    this.chance = chance;
    this.times = times;
    this.listener = listener;
    this.sampling = fitting(request.sampling());
    this.latents = upload(request.voice().latents());
    this.emotion = ops.upload(emotion, 1, emotion.length);
  }

  /** The official limit of codes is lowered to what a smaller model has positions for; a limit that someone chose is left to be refused. */
  private SamplingOptions fitting(SamplingOptions options) {
    int most = model.gpt().maxCodes();
    boolean standard = options.maxTokens() == SamplingOptions.defaults().maxTokens();
    return standard && options.maxTokens() > most ? options.withMaxTokens(most) : options;
  }

  Spoken speak(int[] ids, int number, int count) {
    try (var _ = ops.scope()) {
      Coded coded = code(ids, number, count);
      int[] codes = coded.generation().codes();
      SpeechResult.Segment segment = new SpeechResult.Segment(ids.length, codes, coded.generation().reason() == StopReason.STOP_TOKEN);
      if (codes.length == 0 || LengthRegulator.frames(codes.length) == 0) {
        return new Spoken(new float[0], segment); // the model had nothing to say
      }
      Tensor mel = times.time(Stage.MEL, () -> mel(coded.embeddings(), codes.length, number, count));
      return new Spoken(times.time(Stage.WAVE, () -> wave(mel, number, count)), segment);
    }
  }

  private Coded code(int[] ids, int number, int count) {
    try (GptSession session = times.time(Stage.CODES, () -> Generator.open(ops, model.gpt(), latents, emotion, ids, sampling))) {
      Generation generation =
          times.time(
              Stage.CODES,
              () ->
                  Generator.run(
                      session, sampling, chance.codes(number),
                      step -> {
                        listener.progress(Stage.CODES, number, count, step.index() + 1, step.limit());
                        return true;
                      }));
      int[] codes = generation.codes();
      if (codes.length == 0) {
        return new Coded(generation, latents);
      }
      return new Coded(generation, times.time(Stage.LATENTS, () -> embeddings(session, codes)));
    }
  }

  /** Projected latents plus code embeddings {@code [codes, width]}, copied out of the session's life. */
  private Tensor embeddings(GptSession session, int[] codes) {
    Tensor projected = model.projection().apply(ops, session.latents(codes));
    Tensor sum = ops.add(projected, model.codec().embed(ops, ops.uploadInts(codes, codes.length)));
    ops.tap("s_infer", sum);
    return sum;
  }

  private Tensor mel(Tensor embeddings, int codes, int number, int count) {
    listener.progress(Stage.MEL, number, count, 0, request.schedule().steps());
    Tensor condition = model.regulator().apply(ops, embeddings, LengthRegulator.frames(codes));
    Voice voice = request.voice();
    FlowInput input = new FlowInput(upload(voice.mel()), upload(voice.condition()), condition, upload(voice.style()));
    float[] noise = chance.flow(number, model.flow().mels(), input.totalFrames());
    Tensor mel = model.flow().generate(ops, input, noise, new FlowOptions(request.schedule(), request.guidance(), 1f, false));
    listener.progress(Stage.MEL, number, count, request.schedule().steps(), request.schedule().steps());
    return mel;
  }

  private float[] wave(Tensor mel, int number, int count) {
    listener.progress(Stage.WAVE, number, count, 0, 1);
    float[] scaled = Pcm16.scaled(model.vocoder().vocode(ops, mel));
    listener.progress(Stage.WAVE, number, count, 1, 1);
    return scaled;
  }

  private Tensor upload(Voice.Matrix m) {
    return ops.upload(m.values(), m.rows(), m.cols());
  }
}
