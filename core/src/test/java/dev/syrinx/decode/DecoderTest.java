package dev.syrinx.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.CpuBackend;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.model.gpt.KvPool;
import dev.syrinx.model.gpt.TinyGpt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request says depends on nothing but the request. */
class DecoderTest {
  private static final SamplingOptions PLAIN = SamplingOptions.defaults().withBeams(1).withMaxTokens(60);

  private static TinyGpt tiny;
  private static float[] speaker;
  private static float[] emotion;
  private static int[] text;

  /** Ways of choosing codes. */
  enum Kind {
    GREEDY(PLAIN.withGreedy(true)),
    SAMPLED(PLAIN),
    TYPICAL(PLAIN.withTypicalMass(OptionalDouble.of(0.9)).withTopP(1).withTopK(0)),
    BEAMS(PLAIN.withBeams(3)),
    GREEDY_BEAMS(PLAIN.withBeams(4).withGreedy(true).withLengthPenalty(1));

    private final SamplingOptions options;

    Kind(SamplingOptions options) {
      this.options = options;
    }
  }

  @BeforeAll
  static void open() {
    tiny = new TinyGpt(new CpuBackend(1, false), 0);
    speaker = tiny.ops.download(tiny.speaker());
    emotion = tiny.ops.download(tiny.emotion());
    text = tiny.text();
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  private static CodeRequest request(int[] ids, SamplingOptions options, long seed) {
    int width = tiny.gpt().width();
    return new CodeRequest(speaker, speaker.length / width, emotion, ids, options, new NoiseSource.Seeded(seed, 1), CodeRequest.Progress.NONE);
  }

  /** The oracle: one at a time, the host in every step. */
  private static Generation alone(TinyGpt model, int[] ids, SamplingOptions options, long seed) {
    try (GptSession session = Generator.open(model.ops, model.gpt(), model.speaker(), model.emotion(), ids, options)) {
      return Generator.run(session, options, NoiseSource.seeded(seed, 1), GenerationListener.NONE);
    }
  }

  private static Decoder decoder(DecodeOptions options) {
    return new Decoder(tiny.ops, tiny.gpt(), options, new ReentrantLock(true));
  }

  private static Generation run(Decoder decoder, CodeRequest request) {
    Pending pending = decoder.submit(request);
    try {
      return decoder.await(pending);
    } finally {
      decoder.release(pending);
    }
  }

  private static void same(Generation want, Generation got, String how) {
    assertArrayEquals(want.codes(), got.codes(), how);
    assertEquals(want.reason(), got.reason(), how);
    assertEquals(want.score(), got.score(), 1e-9, how);
    assertEquals(want.statistics().steps(), got.statistics().steps(), how);
  }

  /** Beyond the first 256 positions, and with all blocks that the beams may come to own. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aLoneRequestIsRecordedOnce(int beams) {
    SamplingOptions options = PLAIN.withBeams(beams).withMaxTokens(280);
    try (TinyGpt endless = new TinyGpt(new CpuBackend(1, false), -1000); Decoder decoder = new Decoder(endless.ops, endless.gpt(), DecodeOptions.defaults(), new ReentrantLock(true))) {
      for (int again = 0; again < 2; again++) {
        Generation made = run(decoder, request(text, options, 7));
        assertEquals(280, made.codes().length);
        assertEquals(1, made.statistics().recordings());
        same(alone(endless, text, options, 7), made, beams + " beams");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyLayoutSaysWhatTheHostsLoopSays(Kind kind) {
    Generation want = alone(tiny, text, kind.options, 7);
    List<KvOptions> layouts = new ArrayList<>(List.of(KvOptions.defaults().withLayout(KvOptions.Layout.CONTIGUOUS)));
    for (int size : new int[] {16, 17, 64, 256}) {
      layouts.add(KvOptions.defaults().withBlockSize(size));
    }
    for (KvOptions kv : layouts) {
      try (Decoder decoder = decoder(DecodeOptions.defaults().withKv(kv))) {
        for (int again = 0; again < 2; again++) { // the second time the voice's part of the prompt is there
          same(want, run(decoder, request(text, kind.options, 7)), kind + " " + kv + " " + again);
        }
        decoder.pool().orElseThrow().forgetPrefixes();
        assertEquals(0, decoder.pool().orElseThrow().usedBlocks(), "blocks were not given back");
      }
    }
  }

  /** Seven strangers of other lengths, options and seeds; they come in another order and other layout each time. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void strangersChangeNothing(Kind kind) {
    Generation want = alone(tiny, text, kind.options, 7);
    for (int round = 0; round < 4; round++) {
      KvOptions kv = round == 3 ? KvOptions.defaults().withLayout(KvOptions.Layout.CONTIGUOUS) : KvOptions.defaults().withBlockSize(16 << 2 * round);
      try (Decoder decoder = decoder(new DecodeOptions(kv, 8, 4))) {
        List<Pending> pending = new ArrayList<>();
        int mine = round * 5 % 8;
        for (int i = 0; i < 8; i++) {
          int[] other = Arrays.copyOf(text, Math.max(3, text.length - i));
          Kind of = Kind.values()[(i + round) % Kind.values().length];
          pending.add(decoder.submit(i == mine ? request(text, kind.options, 7) : request(other, of.options.withMaxTokens(50 + i), i)));
        }
        same(want, decoder.await(pending.get(mine)), kind + " among strangers, " + kv);
        for (int i = 0; i < 8; i++) {
          decoder.await(pending.get(i));
          decoder.release(pending.get(i));
        }
        decoder.pool().orElseThrow().forgetPrefixes();
        assertEquals(0, decoder.pool().orElseThrow().usedBlocks(), "blocks were not given back");
      }
    }
  }

  @Test
  void threadsDecodeTogether() throws Exception {
    try (Decoder decoder = decoder(DecodeOptions.defaults().withSequences(4)); ExecutorService threads = Executors.newFixedThreadPool(6)) {
      List<Generation> wants = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        wants.add(alone(tiny, text, PLAIN.withBeams(1 + i % 3), i));
      }
      List<Future<Generation>> said = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        long seed = i;
        said.add(threads.submit(() -> run(decoder, request(text, PLAIN.withBeams(1 + (int) seed % 3), seed))));
      }
      for (int i = 0; i < 6; i++) {
        same(wants.get(i), said.get(i).get(), "thread " + i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void stopIdsEndIt(int beams) {
    float bias = (float) tiny.golden.param("gpt_stop", beams > 1 ? "stop_bias_beam" : "stop_bias_sample").asDouble();
    SamplingOptions options = SamplingOptions.defaults().withBeams(beams).withMaxTokens(120);
    try (TinyGpt stopping = new TinyGpt(new CpuBackend(1, false), bias);
        Decoder decoder = new Decoder(stopping.ops, stopping.gpt(), DecodeOptions.defaults().withSequences(3), new ReentrantLock(true))) {
      for (long seed = 0; seed < 4; seed++) {
        Generation want = alone(stopping, text, options, seed);
        same(want, run(decoder, request(text, options, seed)), "seed " + seed);
        assertEquals(StopReason.STOP_TOKEN, want.reason());
      }
    }
  }

  @Test
  void voicesShareTheBeginningOfTheirPrompts() {
    try (Decoder decoder = decoder(DecodeOptions.defaults())) {
      Pending first = decoder.submit(request(text, PLAIN, 1));
      decoder.await(first);
      Pending second = decoder.submit(request(Arrays.copyOf(text, text.length - 2), PLAIN, 1));
      decoder.await(second);
      int rows = speaker.length / tiny.gpt().width() + 2;
      assertEquals(0, first.session().orElseThrow().reused());
      assertEquals(rows, second.session().orElseThrow().reused());
      int[] before = first.session().orElseThrow().chain();
      int[] after = second.session().orElseThrow().chain();
      for (int i = 0; i < rows / 16; i++) {
        assertEquals(before[i], after[i], "block " + i);
      }
      decoder.release(first);
      decoder.release(second);
    }
  }

  @Test
  void latentsAreThoseOfASession() {
    int[] codes = alone(tiny, text, PLAIN, 1).codes();
    float[] want;
    try (GptSession session = new GptSession(tiny.ops, tiny.gpt(), tiny.speaker(), tiny.emotion(), text)) {
      want = tiny.ops.download(session.latents(codes));
    }
    try (Decoder decoder = decoder(DecodeOptions.defaults())) {
      for (int again = 0; again < 2; again++) {
        Pending pending = decoder.submit(request(text, PLAIN.withBeams(3), 1));
        decoder.await(pending);
        try (var _ = tiny.ops.scope()) {
          assertArrayEquals(want, tiny.ops.download(decoder.latents(pending, codes)));
        }
        decoder.release(pending);
      }
    }
  }

  @Test
  void whoeverWantsNoMoreIsHeard() {
    int width = tiny.gpt().width();
    int[] seen = {0};
    try (Decoder decoder = decoder(DecodeOptions.defaults())) {
      CodeRequest.Progress ten = drawn -> {
        seen[0] = drawn;
        return drawn < 10;
      };
      Generation made =
          run(decoder, new CodeRequest(speaker, speaker.length / width, emotion, text, PLAIN, new NoiseSource.Seeded(1, 1), ten));
      assertEquals(StopReason.CANCELLED, made.reason());
      assertEquals(10, seen[0]);
      assertArrayEquals(Arrays.copyOf(alone(tiny, text, PLAIN, 1).codes(), made.codes().length), made.codes());
    }
  }

  @Test
  void oneBadRequestIsNotTheOthersBusiness() {
    try (Decoder decoder = decoder(DecodeOptions.defaults().withSequences(3))) {
      Pending good = decoder.submit(request(text, PLAIN, 1));
      int[] tooLong = new int[tiny.gpt().maxText() + 1];
      Arrays.fill(tooLong, 5);
      Pending bad = decoder.submit(request(tooLong, PLAIN, 1));
      assertThrows(RuntimeException.class, () -> decoder.await(bad));
      same(alone(tiny, text, PLAIN, 1), decoder.await(good), "beside a text that is too long");
      assertThrows(DecodeException.class, () -> decoder.submit(request(text, PLAIN.withMaxTokens(tiny.gpt().maxCodes() + 1), 1)));
    }
  }

  @Test
  void manyRequestsLeaveNothingBehind() {
    try (Decoder decoder = decoder(DecodeOptions.defaults().withSequences(2))) {
      long after = 0;
      for (int i = 0; i < 30; i++) {
        run(decoder, request(Arrays.copyOf(text, 3 + i % (text.length - 3)), PLAIN.withBeams(1 + i % 3).withMaxTokens(20), i));
        after = i == 14 ? tiny.backend.reservedBytes() : after;
      }
      KvPool pool = decoder.pool().orElseThrow();
      pool.forgetPrefixes();
      assertEquals(0, pool.usedBlocks());
      assertTrue(tiny.backend.reservedBytes() <= after, tiny.backend.reservedBytes() + " bytes, after 15 requests " + after);
    }
  }
}
