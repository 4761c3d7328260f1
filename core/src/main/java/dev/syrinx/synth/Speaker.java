package dev.syrinx.synth;

import dev.syrinx.audio.Pcm16;
import dev.syrinx.backend.Ops;
import dev.syrinx.decode.CodeRequest;
import dev.syrinx.decode.DecodeException;
import dev.syrinx.decode.Decoder;
import dev.syrinx.decode.Generation;
import dev.syrinx.decode.Generator;
import dev.syrinx.decode.NoiseSource;
import dev.syrinx.decode.Pending;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.decode.StopReason;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.acoustic.FlowInput;
import dev.syrinx.model.acoustic.FlowOptions;
import dev.syrinx.model.acoustic.LengthRegulator;
import dev.syrinx.model.acoustic.PreparedFlow;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.model.vocoder.PreparedVocoder;
import dev.syrinx.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Lock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Speaks one segment after the other: text ids to samples. One per request. Codes of all segments are asked for at once: as many as the decoder takes at a time decode together. What goes from
 * one use of the device to the next lies in host memory, so that others may use it in between.
 */
final class Speaker implements AutoCloseable {
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

  private final IndexTts2 model;
  private final Ops ops;
  private final SpeechRequest request;
  private final Chance chance;
  private final StageTimes times;
  private final SpeechListener listener;
  private final SamplingOptions sampling;
  private final Decoder decoder;
  private final Lock device;
  private final float[] emotion;
  private final List<int[]> segments;
  private final List<Optional<Pending>> pending = new ArrayList<>();

  Speaker(
      IndexTts2 model, Ops ops, Decoder decoder, Lock device, SpeechRequest request, Chance chance, StageTimes times, SpeechListener listener, float[] emotion,
      List<int[]> segments) {
    this.model = model;
    this.ops = ops;
    this.decoder = decoder;
    this.device = device;
    this.request = request;
    this.chance = chance;
    this.times = times;
    this.listener = listener;
    this.sampling = fitting(request.sampling());
    this.emotion = emotion;
    this.segments = segments;
    for (int i = 0; i < segments.size(); i++) {
      pending.add(submitted(i));
    }
  }

  /** Given noise is the host's business; seeded noise is the decoder's. */
  private Optional<Pending> submitted(int number) {
    Voice.Matrix latents = request.voice().latents();
    return switch (chance.codes(number)) {
      case NoiseSource.Seeded seeded -> Optional.of(decoder.submit(
          new CodeRequest(latents.values(), latents.rows(), emotion, segments.get(number), sampling, seeded, drawn -> {
            listener.progress(Stage.CODES, number, segments.size(), drawn, sampling.maxTokens());
            return true;
          })));
      default -> Optional.empty();
    };
  }

  /** The official limit of codes is lowered to what a smaller model has positions for; a limit that someone chose is left to be refused. */
  private SamplingOptions fitting(SamplingOptions options) {
    int most = model.gpt().maxCodes();
    boolean standard = options.maxTokens() == SamplingOptions.defaults().maxTokens();
    return standard && options.maxTokens() > most ? options.withMaxTokens(most) : options;
  }

  Spoken speak(int number) {
    if (pending.get(number).isEmpty()) {
      return withDevice(() -> byHost(number));
    }
    Pending mine = pending.get(number).get();
    Generation generation = times.time(Stage.CODES, () -> decoder.await(mine));
    Spoken spoken = withDevice(() -> finish(number, generation, codes -> decoder.latents(mine, codes)));
    decoder.release(mine);
    return spoken;
  }

  private Spoken withDevice(Supplier<Spoken> work) {
    device.lock();
    try (var _ = ops.scope()) {
      return work.get();
    } finally {
      device.unlock();
    }
  }

  private Spoken byHost(int number) {
    Tensor latents = upload(request.voice().latents());
    Tensor own = ops.upload(emotion, 1, emotion.length);
    try (GptSession session =
        times.time(Stage.CODES, () -> Generator.open(ops, model.gpt(), latents, own, segments.get(number), sampling, decoder.options().kv()))) {
      Generation generation =
          times.time(
              Stage.CODES,
              () ->
                  Generator.run(
                      session, sampling, chance.codes(number),
                      step -> {
                        listener.progress(Stage.CODES, number, segments.size(), step.index() + 1, step.limit());
                        return true;
                      }));
      return finish(number, generation, session::latents);
    }
  }

  /** Speaks codes that were drawn elsewhere, with a second pass of its own. */
  Spoken retell(int number, int[] codes) {
    return withDevice(() -> {
      Tensor latents = upload(request.voice().latents());
      Tensor own = ops.upload(emotion, 1, emotion.length);
      try (GptSession session = Generator.open(ops, model.gpt(), latents, own, segments.get(number), sampling, decoder.options().kv())) {
        return finish(number, codes, true, session::latents);
      }
    });
  }

  private Spoken finish(int number, Generation generation, Function<int[], Tensor> second) {
    return finish(number, generation.codes(), generation.reason() == StopReason.STOP_TOKEN, second);
  }

  /** Nothing keeps a model from drawing its own start code, which the codebook does not have; one that was trained does not. */
  static void requireSounds(int number, int[] codes, int known) {
    for (int i = 0; i < codes.length; i++) {
      if (codes[i] < 0 || codes[i] >= known) {
        throw new DecodeException("segment " + (number + 1) + ": code " + i + " is " + codes[i] + ", and the codebook ends at " + (known - 1)
            + ": the model drew a code without a sound; try another seed, or a lower temperature");
      }
    }
  }

  /** From codes to samples. */
  private Spoken finish(int number, int[] codes, boolean stopped, Function<int[], Tensor> second) {
    int count = segments.size();
    requireSounds(number, codes, model.codec().codes());
    SpeechResult.Segment segment = new SpeechResult.Segment(segments.get(number).length, codes, stopped);
    if (codes.length == 0 || LengthRegulator.frames(codes.length) == 0) {
      return new Spoken(new float[0], segment); // the model had nothing to say
    }
    Tensor mel = ops.empty(LengthRegulator.frames(codes.length), model.flow().mels());
    PreparedFlow flow = times.time(Stage.LATENTS, () -> {
      Supplier<float[]> noise = noise(number, request.voice().mel().rows() + mel.rows());
      return sketch(embeddings(second.apply(codes), codes), codes.length, noise, number, count);
    });
    Drawn drawn = times.time(Stage.MEL, () -> mel(flow, mel, number, count));
    return new Spoken(times.time(Stage.WAVE, () -> wave(drawn, number, count)), segment);
  }

  /** Projected latents plus code embeddings {@code [codes, width]}. */
  private Tensor embeddings(Tensor latents, int[] codes) {
    Tensor projected = model.projection().apply(ops, latents);
    Tensor sum = ops.add(projected, model.codec().embed(ops, ops.uploadInts(codes, codes.length)));
    ops.tap("s_infer", sum);
    return sum;
  }

  /** The flow's noise: drawn by other threads while this one tells a device what to do, or when it is asked for. */
  private Supplier<float[]> noise(int number, int frames) {
    Supplier<float[]> draw = () -> chance.flow(number, model.flow().mels(), frames);
    if (!ops.backend().worksAlone()) {
      return draw;
    }
    CompletableFuture<float[]> drawn = CompletableFuture.supplyAsync(draw);
    return () -> {
      try {
        return drawn.join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof RuntimeException own ? own : e;
      }
    };
  }

  /** While the device is busy with the second pass, the host gets ready for what comes next. */
  private PreparedFlow sketch(Tensor embeddings, int codes, Supplier<float[]> noise, int number, int count) {
    listener.progress(Stage.MEL, number, count, 0, request.schedule().steps());
    Tensor condition = model.regulator().apply(ops, embeddings, LengthRegulator.frames(codes));
    Voice voice = request.voice();
    FlowInput input = new FlowInput(upload(voice.mel()), upload(voice.condition()), condition, upload(voice.style()));
    PreparedFlow flow = model.flow().prepare(ops, input, new FlowOptions(request.schedule(), request.solver(), request.guidance(), 1f, false));
    try {
      flow.start(noise.get());
      return flow;
    } catch (RuntimeException e) {
      flow.close();
      throw e;
    }
  }

  /** A spectrogram that is being made, and the vocoder that is ready for it. */
  private record Drawn(Tensor mel, Optional<PreparedVocoder> vocoder) {}

  private Drawn mel(PreparedFlow prepared, Tensor mel, int number, int count) {
    try (PreparedFlow flow = prepared) {
      flow.into(mel);
    }
    listener.progress(Stage.MEL, number, count, request.schedule().steps(), request.schedule().steps());
    listener.progress(Stage.WAVE, number, count, 0, 1);
    return new Drawn(mel, ops.backend().worksAlone() ? model.vocoder().prepare(ops, mel.rows()) : Optional.empty());
  }

  private float[] wave(Drawn drawn, int number, int count) {
    try {
      float[] scaled = drawn.vocoder().map(ready -> ready.vocodeAndClose(drawn.mel())).orElseGet(() -> model.vocoder().vocode(ops, drawn.mel()));
      Pcm16.scale(scaled);
      listener.progress(Stage.WAVE, number, count, 1, 1);
      return scaled;
    } finally {
      drawn.vocoder().ifPresent(PreparedVocoder::close);
    }
  }

  private Tensor upload(Voice.Matrix m) {
    return ops.upload(m.values(), m.rows(), m.cols());
  }

  /** Gives back what was not spoken. */
  @Override
  public void close() {
    pending.forEach(one -> one.ifPresent(decoder::release));
  }
}
