package dev.syrinx.synth;

import dev.syrinx.audio.SpeechAudio;
import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.ffi.cuda.RehearsalDriver;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.ModelSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.text.Glossary;
import dev.syrinx.text.TextFrontEnd;
import dev.syrinx.text.TextNormalizer;
import dev.syrinx.text.Tokenizer;
import dev.syrinx.text.numbers.NumberReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What a model and a request will take of a GPU's memory, known before anything is loaded: the engine's own code is run on a device that gives out addresses and computes
 * nothing. Weights are read as shapes only.
 *
 * @param rows in the order in which memory is taken
 * @param speech what is spoken
 */
public record MemoryPlan(List<Row> rows, Speech speech) {
  /** What the driver takes for a context and the kernels of this project: deviceBytes less peakEngineBytes of {@code syrinx bench} on an H100 with driver 580. */
  static final long DRIVER = 544L << 20;

  private static final String VOICE = "preparing a voice";

  /**
   * A purpose and its bytes.
   *
   * @param kind weights, cache, workspace or driver
   */
  public record Row(String kind, String name, long bytes) {}

  /**
   * A request: the largest decides.
   *
   * @param clipSeconds length of the voice's recording; 0 if the voice was prepared before
   * @param textTokens of a segment
   * @param codes of a segment, 50 a second of speech
   * @param beams of the search
   */
  public record Speech(double clipSeconds, int textTokens, int codes, int beams) {
    /** A recording of 15 seconds, and the longest segment that is allowed by default. */
    public static Speech longest(SamplingOptions sampling) {
      return new Speech(15, 120, sampling.maxTokens(), sampling.beams());
    }
  }

  /** Copies the rows. */
  public MemoryPlan {
    rows = List.copyOf(rows);
  }

  /** Bytes in all. */
  public long total() {
    return rows.stream().mapToLong(Row::bytes).sum();
  }

  /** Bytes without which nothing can be spoken: weights, and a voice prepared. */
  public long least() {
    return rows.stream().filter(row -> row.kind().equals("weights") || row.name().equals(VOICE)).mapToLong(Row::bytes).sum();
  }

  /** Bytes that the engine itself takes: all but the driver's. */
  public long engine() {
    return rows.stream().filter(row -> !row.kind().equals("driver")).mapToLong(Row::bytes).sum();
  }

  /**
   * Makes a plan.
   *
   * @param source stays open
   * @param device what the plan is for
   */
  public static MemoryPlan of(ModelSource source, Switches switches, RehearsalDriver.Device device, Speech speech) {
    try (RehearsalDriver driver = new RehearsalDriver(device)) {
      return on(CudaBackend.rehearse(driver, switches.cuda(CudaOptions.of(0))), source, switches, speech);
    }
  }

  /** The same on a device that was opened for a rehearsal, and is closed afterwards. */
  static MemoryPlan on(CudaBackend backend, ModelSource source, Switches switches, Speech speech) {
    return new Rehearsal(backend).run(source, switches, speech);
  }

  /** One rehearsal. */
  private static final class Rehearsal {
    private final CudaBackend backend;
    private final List<Row> rows = new ArrayList<>();
    private String part = "";
    private long before;

    private Rehearsal(CudaBackend backend) {
      this.backend = backend;
    }

    private MemoryPlan run(ModelSource source, Switches switches, Speech speech) {
      rows.add(new Row("driver", "context and kernels", DRIVER));
      IndexTts2 model = IndexTts2.load(source, new Parameters(backend, switches.precision()), this::load);
      load("");
      rows.add(new Row("weights", "unused ends of blocks", backend.reservedBytes() - backend.permanentBytes()));
      try (Engine engine = Engine.of(backend, model, noText(), "plan", EngineOptions.defaults().withSwitches(switches).decode())) {
        before = backend.reservedBytes();
        Voice voice = voice(engine, Math.max(1, speech.clipSeconds()));
        take(VOICE);
        speak(engine, voice, switches, speech);
      }
      return new MemoryPlan(rows, speech);
    }

    /** Weights are counted as they are handed out: the blocks that they are cut from belong to several networks. */
    private void load(String next) {
      long now = backend.permanentBytes();
      if (!part.isEmpty()) {
        rows.add(new Row("weights", part, now - before));
      }
      part = next;
      before = now;
    }

    private void take(String what) {
      long now = backend.reservedBytes();
      if (now > before) {
        rows.add(new Row("workspace", what, now - before));
      }
      before = now;
    }

    private void speak(Engine engine, Voice voice, Switches switches, Speech speech) {
      int most = Math.min(speech.codes(), engine.model().gpt().maxCodes());
      int[] ids = IntStream.range(2, 2 + Math.min(speech.textTokens(), engine.model().gpt().maxText())).toArray();
      SpeechRequest request =
          SpeechRequest.of("", voice).flow(switches).sampling(SamplingOptions.defaults().withBeams(speech.beams()).withMaxTokens(most)).build();
      engine.speakTokens(request, List.of(ids), (stage, segment, segments, done, total) -> {
        if (stage == Stage.MEL && done == 0) {
          rows.add(new Row("cache", "keys and values: " + most + " codes, " + speech.beams() + (speech.beams() == 1 ? " beam" : " beams"), engine.cacheBytes()));
          before += engine.cacheBytes();
          take("decoding");
        } else if (stage == Stage.WAVE && done == 0) {
          take("flow matching");
        }
      });
      take("vocoder");
    }
  }

  /** A voice made from a signal without meaning. */
  static Voice voice(Engine engine, double seconds) {
    float[] features = noise((int) (SignalFrontEnd.FEATURE_RATE * seconds));
    return engine.voice("plan", new SpeechAudio.Speaker(noise((int) (engine.sampleRate() * seconds)), features), features);
  }

  private static float[] noise(int count) {
    float[] samples = new float[count];
    for (int i = 0; i < count; i++) {
      samples[i] = (i * 7919 % 1000 - 500) / 2000f;
    }
    return samples;
  }

  /** For those who speak token ids. */
  static TextFrontEnd noText() {
    Tokenizer none = new Tokenizer() {
      @Override
      public List<String> pieces(String text) {
        throw new UnsupportedOperationException("a plan speaks token ids");
      }

      @Override
      public int id(String piece) {
        return 0;
      }

      @Override
      public int unknownId() {
        return 0;
      }

      @Override
      public int size() {
        return 0;
      }
    };
    return new TextFrontEnd(new TextNormalizer(NumberReader.identity(), Glossary.empty()), none);
  }

  /** A table for people. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Row row : rows) {
      text.append(String.format(Locale.ROOT, "%-10s %-72s %10.1f MiB%n", row.kind(), row.name(), row.bytes() / (double) (1 << 20)));
    }
    return text.append(String.format(Locale.ROOT, "%-10s %-72s %10.1f MiB", "total", "", total() / (double) (1 << 20))).toString();
  }
}
