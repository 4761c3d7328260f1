package dev.syrinx.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.gpt.AutoregressiveModel;
import dev.syrinx.model.gpt.Gpt;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.model.synthetic.SyntheticModel;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.WeightSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** States that decoding left, in place of a second pass: the same where the two number positions alike, close where they do not. */
final class LatentsReuseTest {
  private static final SamplingOptions GREEDY = SamplingOptions.defaults().withBeams(1).withGreedy(true).withMaxTokens(40);

  /** The decoder of a random model, with positions that all look alike or as they are. */
  private record Alike(WeightSource source, boolean alike) implements WeightSource {
    @Override
    public String origin() {
      return source.origin();
    }

    @Override
    public Set<String> names() {
      return source.names();
    }

    @Override
    public StoredTensor tensor(String name) {
      StoredTensor stored = source.tensor(name);
      if (!alike || !name.equals("mel_pos_embedding.emb.weight")) {
        return stored;
      }
      float[] values = stored.toFloats();
      int d = stored.dim(1);
      for (int i = d; i < values.length; i++) {
        values[i] = values[i % d];
      }
      return StoredTensor.ofFloats(name, values, stored.dim(0), d);
    }
  }

  /** Latents by the second pass and from kept states, of several requests that decode together. */
  private static List<float[]> latents(boolean alike, boolean states, int sequences) {
    try (CpuBackend backend = new CpuBackend(2, false)) {
      SyntheticModel model = new SyntheticModel(SyntheticDims.odd(), 3);
      Gpt gpt = AutoregressiveModel.load(new Alike(model.gpt(), alike), IndexTts2.gptConfig(model.config().gpt()), new Parameters(backend, Precision.FP32)).gpt();
      Ops ops = new Ops(backend, Taps.NONE);
      try (Decoder decoder = new Decoder(ops, gpt, DecodeOptions.defaults().withSequences(sequences).withStates(states), new ReentrantLock(true))) {
        List<Pending> pending = java.util.stream.IntStream.range(0, sequences).mapToObj(i -> decoder.submit(request(gpt, i))).toList();
        return pending.stream().map(one -> latents(ops, decoder, one)).toList();
      }
    }
  }

  private static float[] latents(Ops ops, Decoder decoder, Pending pending) {
    int[] codes = decoder.await(pending).codes();
    assertTrue(codes.length > 20);
    try (var _ = ops.scope()) {
      return ops.download(decoder.latents(pending, codes));
    } finally {
      decoder.release(pending);
    }
  }

  private static CodeRequest request(Gpt gpt, int number) {
    float[] speaker = new float[2 * gpt.width()];
    for (int i = 0; i < speaker.length; i++) {
      speaker[i] = (i * 31 % 17 - 8) / 9f;
    }
    float[] emotion = new float[gpt.width()];
    return new CodeRequest(speaker, 2, emotion, new int[] {3, 4, 5 + number}, GREEDY.withMaxTokens(40 - 7 * number), new NoiseSource.Seeded(1, 1), CodeRequest.Progress.NONE);
  }

  @Test
  void theyAreTheSecondPassWherePositionsLookAlike() {
    for (int sequences : new int[] {1, 3}) {
      List<float[]> want = latents(true, false, sequences);
      List<float[]> got = latents(true, true, sequences);
      for (int i = 0; i < sequences; i++) {
        assertArrayEquals(want.get(i), got.get(i), 2e-4f, "request " + i + " of " + sequences);
      }
    }
  }

  @Test
  void theyAreNotWherePositionsCount() {
    float[] want = latents(false, false, 1).getFirst();
    float[] got = latents(false, true, 1).getFirst();
    assertEquals(want.length, got.length);
    assertTrue(java.util.stream.IntStream.range(0, want.length).anyMatch(i -> Math.abs(want[i] - got[i]) > 1e-2));
  }

  @Test
  void beamsAreRefused() {
    DecodeException e = assertThrows(DecodeException.class, () -> {
      try (CpuBackend backend = new CpuBackend(1, false)) {
        SyntheticModel model = new SyntheticModel(SyntheticDims.odd(), 3);
        Gpt gpt = AutoregressiveModel.load(model.gpt(), IndexTts2.gptConfig(model.config().gpt()), new Parameters(backend, Precision.FP32)).gpt();
        Decoder decoder = new Decoder(new Ops(backend, Taps.NONE), gpt, DecodeOptions.defaults().withStates(true), new ReentrantLock(true));
        CodeRequest one = request(gpt, 0);
        decoder.submit(new CodeRequest(one.speaker(), 2, one.emotion(), one.ids(), GREEDY.withBeams(2), one.noise(), one.progress()));
      }
    });
    assertTrue(e.getMessage().contains("one beam"), e.getMessage());
  }
}
