package dev.syrinx.verify;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.decode.CodeRequest;
import dev.syrinx.decode.DecodeOptions;
import dev.syrinx.decode.Decoder;
import dev.syrinx.decode.Generation;
import dev.syrinx.decode.GenerationListener;
import dev.syrinx.decode.Generator;
import dev.syrinx.decode.KvOptions;
import dev.syrinx.decode.NoiseSource;
import dev.syrinx.decode.Pending;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.ModelSource;
import dev.syrinx.model.gpt.AutoregressiveModel;
import dev.syrinx.model.gpt.Gpt;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The same codes whatever the way: one seeded request by every layout of the cache, alone and among strangers, again and again, on backends opened in several ways; the host's loop on the first of
 * them is what all others are compared with. Float32, random latents.
 */
public final class DecodeCheck {
  private static final int STRANGERS = 7;
  private static final long SEED = 20_260;

  /** A backend and how it was opened. */
  public record Way(String name, Supplier<Backend> opener) {}

  /**
   * What one way gave.
   *
   * @param company who else decoded
   * @param choice how codes were chosen
   * @param equal runs with the expected codes
   */
  public record Row(String way, String kv, String company, String choice, int codes, int runs, int equal) {}

  /** What came of all. */
  public record Report(List<Row> rows) {
    public boolean passed() {
      return rows.stream().allMatch(row -> row.runs() == row.equal());
    }

    public int runs() {
      return rows.stream().mapToInt(Row::runs).sum();
    }

    public int equal() {
      return rows.stream().mapToInt(Row::equal).sum();
    }
  }

  private final ModelSource source;
  private final int tokens;
  private final int repeat;
  private final Consumer<String> stage;
  private final Map<String, SamplingOptions> choices = new LinkedHashMap<>();
  private final Map<String, int[]> expected = new LinkedHashMap<>();
  private final List<Row> rows = new ArrayList<>();

  /**
   * @param tokens most codes of the request
   * @param repeat runs of each combination
   * @param stage is told what comes next
   */
  public DecodeCheck(ModelSource source, int tokens, int repeat, Consumer<String> stage) {
    this.source = source;
    this.tokens = tokens;
    this.repeat = repeat;
    this.stage = stage;
    SamplingOptions plain = SamplingOptions.defaults().withBeams(1).withMaxTokens(tokens);
    choices.put("greedy", plain.withGreedy(true).withRepetitionPenalty(1));
    choices.put("top-k, top-p, penalty", plain);
    choices.put("3 beams", plain.withBeams(3));
  }

  /** Compares all ways with the first one's host loop. */
  public Report run(List<Way> ways) {
    for (Way way : ways) {
      stage.accept("decoding: " + way.name());
      try (Backend backend = way.opener().get()) {
        new Attempt(way, backend).run();
      }
    }
    return new Report(List.copyOf(rows));
  }

  /**
   * Greedy codes of a long request, without and with the penalty: to be compared across machines.
   *
   * @return a row for each penalty
   */
  public static int[][] greedy(ModelSource source, Backend backend, int tokens) {
    DecodeCheck check = new DecodeCheck(source, tokens, 1, name -> {});
    Attempt attempt = check.new Attempt(new Way("", () -> backend), backend);
    try (Decoder decoder = attempt.decoder(DecodeOptions.defaults())) {
      int[][] codes = new int[2][];
      for (int i = 0; i < codes.length; i++) {
        SamplingOptions options = SamplingOptions.defaults().withBeams(1).withGreedy(true).withMaxTokens(tokens).withRepetitionPenalty(i == 0 ? 1 : 10);
        codes[i] = attempt.alone(decoder, attempt.request(options, SEED, attempt.ids)).codes();
      }
      return codes;
    }
  }

  /** One way. */
  private final class Attempt {
    private final Way way;
    private final Ops ops;
    private final Gpt gpt;
    private final float[] speaker;
    private final float[] emotion;
    private final int speakers;
    private final int[] ids;

    private Attempt(Way way, Backend backend) {
      this.way = way;
      ops = new Ops(backend, Taps.NONE);
      AutoregressiveModel model = AutoregressiveModel.load(source.gpt(), IndexTts2.gptConfig(source.config().gpt()), new Parameters(backend, Precision.FP32));
      gpt = model.gpt();
      speakers = model.conditioner().latents();
      speaker = noise(speakers * gpt.width(), 1);
      emotion = noise(gpt.width(), 2);
      ids = text(30, 3);
    }

    private float[] noise(int count, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) (random.nextDouble() - 0.5);
      }
      return values;
    }

    private int[] text(int count, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      int[] made = new int[Math.min(count, gpt.maxText())];
      for (int i = 0; i < made.length; i++) {
        made[i] = 2 + random.nextInt(60);
      }
      return made;
    }

    private CodeRequest request(SamplingOptions options, long seed, int[] words) {
      return new CodeRequest(speaker, speakers, emotion, words, options, new NoiseSource.Seeded(seed, 0), CodeRequest.Progress.NONE);
    }

    private void run() {
      if (expected.isEmpty()) {
        choices.forEach((name, options) -> expected.put(name, byHost(options)));
      }
      for (KvOptions kv : layouts()) {
        try (Decoder single = decoder(DecodeOptions.defaults().withKv(kv)); Decoder several = decoder(DecodeOptions.defaults().withKv(kv).withSequences(STRANGERS + 1))) {
          choices.forEach((name, options) -> {
            count(kv, "alone", name, () -> alone(single, request(options, SEED, ids)));
            count(kv, "alone, room for 8", name, () -> alone(several, request(options, SEED, ids)));
            int[] round = {0};
            count(kv, "among 7 strangers", name, () -> among(several, request(options, SEED, ids), round[0]++));
          });
        }
      }
    }

    private List<KvOptions> layouts() {
      KvOptions kv = KvOptions.defaults();
      return List.of(kv.withLayout(KvOptions.Layout.CONTIGUOUS), kv.withBlockSize(16), kv.withBlockSize(64), kv.withBlockSize(256));
    }

    private Decoder decoder(DecodeOptions options) {
      return new Decoder(ops, gpt, options, new ReentrantLock(true));
    }

    private int[] byHost(SamplingOptions options) {
      try (var _ = ops.scope();
          GptSession session = Generator.open(ops, gpt, ops.upload(speaker, speakers, gpt.width()), ops.upload(emotion, 1, gpt.width()), ids, options)) {
        return Generator.run(session, options, NoiseSource.seeded(SEED, 0), GenerationListener.NONE).codes();
      }
    }

    private void count(KvOptions kv, String company, String choice, Supplier<Generation> runs) {
      int[] want = expected.get(choice);
      int equal = 0;
      for (int i = 0; i < repeat; i++) {
        equal += Arrays.equals(want, runs.get().codes()) ? 1 : 0;
      }
      String layout = kv.layout() == KvOptions.Layout.CONTIGUOUS ? "contiguous" : "blocks of " + kv.blockSize();
      rows.add(new Row(way.name(), layout, company, choice, want.length, repeat, equal));
    }

    private Generation alone(Decoder decoder, CodeRequest request) {
      Pending pending = decoder.submit(request);
      try {
        return decoder.await(pending);
      } finally {
        decoder.release(pending);
      }
    }

    /** Strangers of other texts, lengths, options and seeds, the request at another place each time. */
    private Generation among(Decoder decoder, CodeRequest request, int round) {
      List<Pending> all = new ArrayList<>();
      List<SamplingOptions> kinds = List.copyOf(choices.values());
      int mine = round % (STRANGERS + 1);
      for (int i = 0; i <= STRANGERS; i++) {
        SamplingOptions other = kinds.get((i + round) % kinds.size()).withMaxTokens(Math.max(1, tokens - 3 * i));
        all.add(decoder.submit(i == mine ? request : request(other, 100L * round + i, text(5 + 3 * i, 100 + i))));
      }
      try {
        all.forEach(decoder::await);
        return decoder.await(all.get(mine));
      } finally {
        all.forEach(decoder::release);
      }
    }
  }
}
