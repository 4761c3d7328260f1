package dev.syrinx.bench.peer;

import dev.syrinx.audio.WavWriter;
import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.bench.SpeechlessFrontEnd;
import dev.syrinx.decode.CodeRequest;
import dev.syrinx.decode.DecodeOptions;
import dev.syrinx.decode.Decoder;
import dev.syrinx.decode.NoiseSource;
import dev.syrinx.decode.Pending;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.acoustic.FlowInput;
import dev.syrinx.model.acoustic.FlowMatching;
import dev.syrinx.model.acoustic.FlowOptions;
import dev.syrinx.model.acoustic.FlowSchedule;
import dev.syrinx.model.acoustic.PreparedFlow;
import dev.syrinx.model.gpt.AutoregressiveModel;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.model.synthetic.SyntheticModel;
import dev.syrinx.model.vocoder.BigVgan;
import dev.syrinx.model.vocoder.PreparedVocoder;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.synth.Engine;
import dev.syrinx.synth.EngineOptions;
import dev.syrinx.synth.Switches;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.ModelConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/** One case of the contest, ready to run on this engine. */
abstract class OurSide implements AutoCloseable {
  /** Of the codes that are asked for: with fewer the context would be another. */
  private static final double LEAST_SHARE = 0.8;
  private static final int CLIP_RATE = 24_000;

  final Backend backend;
  final Ops ops;

  private OurSide(Backend backend) {
    this.backend = backend;
    ops = new Ops(backend, Taps.NONE);
  }

  /** Milliseconds of one run. */
  abstract double run();

  @Override
  public void close() {
    backend.close();
  }

  final double millis(Runnable work) {
    backend.synchronize();
    long start = System.nanoTime();
    work.run();
    backend.synchronize();
    return (System.nanoTime() - start) / 1e6;
  }

  private static float[] random(int count) {
    SplittableRandom random = new SplittableRandom(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextDouble() - 0.5);
    }
    return values;
  }

  /** y[m,n] = x[m,k]·W + b. */
  static OurSide gemm(Backend made, int m, int n, int k) {
    return new OurSide(made) {
      private final Linear layer = new Parameters(backend, Precision.FP32).linear("w", random(n * k), n, k, Optional.of(random(n)));
      private final Tensor x = ops.upload(random(m * k), m, k);
      private final Tensor y = ops.empty(m, n);

      @Override
      double run() {
        return millis(() -> ops.linearInto(x, layer, Activation.NONE, y));
      }
    };
  }

  /** A code of one request, from the first to the last, as the engine decodes: the mean over codes whose middle is at {@code context} positions. */
  static OurSide decode(Backend made, AutoregressiveModel model, int context, int beams, int codes) {
    return new OurSide(made) {
      private final int latents = model.conditioner().latents();
      private final int width = model.gpt().width();
      private final int[] ids = IntStream.range(2, 2 + context - latents - 5 - codes / 2).toArray();
      private final ReentrantLock lock = new ReentrantLock();
      private final Decoder decoder = new Decoder(ops, model.gpt(), DecodeOptions.defaults(), lock);
      private final List<Long> times = new ArrayList<>();

      @Override
      double run() {
        times.clear();
        SamplingOptions options = SamplingOptions.defaults().withBeams(beams).withGreedy(beams == 1).withMaxTokens(codes);
        CodeRequest request = new CodeRequest(random(latents * width), latents, random(width), ids, options, new NoiseSource.Seeded(1, 0), _ -> times.add(System.nanoTime()));
        Pending pending = decoder.submit(request);
        decoder.await(pending);
        decoder.release(pending);
        if (times.size() < codes * LEAST_SHARE) {
          throw new IllegalStateException("the model stopped after " + times.size() + " of " + codes + " codes: too few to time one");
        }
        return (times.getLast() - times.getFirst()) / 1e6 / (times.size() - 1);
      }

      @Override
      public void close() {
        decoder.close();
        super.close();
      }
    };
  }

  /**
   * One step of the flow: an equal part of some. On a device they are recorded beforehand, as in speech, where that is done while codes are decoded; else what is computed once per
   * utterance is included.
   */
  static OurSide flow(Backend made, FlowMatching flow, ModelConfig.SpeechToMel config, int prompt, int frames, int steps) {
    return new OurSide(made) {
      private final int mels = flow.mels();
      private final int content = config.transformer().contentDim();
      private final int style = config.styleDim();
      private final FlowInput input = new FlowInput(
          ops.upload(random(prompt * mels), prompt, mels), ops.upload(random(prompt * content), prompt, content),
          ops.upload(random(frames * content), frames, content), ops.upload(random(style), 1, style));
      private final float[] noise = random(mels * (prompt + frames));
      private final FlowOptions options = FlowOptions.standard().with(FlowSchedule.uniform(steps));
      private final Tensor mel = ops.empty(frames, mels);
      private final Optional<PreparedFlow> ready = made.worksAlone() ? Optional.of(flow.prepare(ops, input, options)) : Optional.empty();

      @Override
      double run() {
        return millis(() -> ready.ifPresentOrElse(this::go, this::generate)) / steps;
      }

      private void go(PreparedFlow prepared) {
        prepared.start(noise);
        prepared.into(mel);
      }

      private void generate() {
        try (var _ = ops.scope()) {
          flow.generate(ops, input, noise, options);
        }
      }

      @Override
      public void close() {
        ready.ifPresent(PreparedFlow::close);
        super.close();
      }
    };
  }

  /** A spectrogram to samples; on a device recorded beforehand, as in speech, where the host does it while the spectrogram is made. */
  static OurSide vocoder(Backend made, BigVgan vocoder, int mels, int frames) {
    return new OurSide(made) {
      private final Tensor mel = ops.upload(random(frames * mels), frames, mels);
      private final Optional<PreparedVocoder> ready = made.worksAlone() ? vocoder.prepare(ops, frames) : Optional.empty();

      @Override
      double run() {
        return millis(ready.isPresent() ? () -> ready.get().vocode(mel) : () -> vocoder.vocode(ops, mel));
      }
    };
  }

  /** A recording to a voice: all from the file on the disk to what the model conditions on, resampling and signal analysis on the host included. */
  static OurSide voice(Backend made, Precision precision, int seconds) {
    return new OurSide(made) {
      private final Path clip = recording(seconds);
      private final Engine engine = Engine.of(
          backend, IndexTts2.load(Official.SOURCE, new Parameters(backend, precision), name -> {}), SpeechlessFrontEnd.of(), "random",
          EngineOptions.defaults().withSwitches(Switches.defaults().withPrecision(precision)).decode());

      @Override
      double run() {
        return millis(() -> engine.voice(clip));
      }

      @Override
      public void close() {
        engine.close();
        clip.toFile().delete();
      }
    };
  }

  /** Noise at a rate that is none of the model's. */
  private static Path recording(int seconds) {
    try {
      Path file = Files.createTempFile("syrinx", ".wav");
      SplittableRandom random = new SplittableRandom(seconds);
      short[] samples = new short[CLIP_RATE * seconds];
      for (int i = 0; i < samples.length; i++) {
        samples[i] = (short) random.nextInt(-10_000, 10_000);
      }
      WavWriter.write(file, samples, CLIP_RATE);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary file for a recording: " + e.getMessage(), e);
    }
  }

  /** Networks of the official dimensions with random weights. */
  static final class Official {
    private static final SyntheticModel SOURCE = new SyntheticModel(SyntheticDims.official(), 1);

    private Official() {}

    static AutoregressiveModel gpt(Backend backend, Precision precision) {
      return AutoregressiveModel.load(SOURCE.gpt(), IndexTts2.gptConfig(SOURCE.config().gpt()), new Parameters(backend, precision));
    }

    static FlowMatching flow(Backend backend, Precision precision) {
      return FlowMatching.load(SOURCE.flowMatching(), config(), new Parameters(backend, precision));
    }

    static ModelConfig.SpeechToMel config() {
      return SOURCE.config().speechToMel();
    }

    static BigVgan vocoder(Backend backend, Precision precision) {
      return BigVgan.load(SOURCE.vocoder(), SOURCE.vocoderConfig(), new Parameters(backend, precision));
    }
  }
}
