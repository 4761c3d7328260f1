package dev.syrinx.model.gpt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.TorchArchive;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The decoder against the official code. */
class GptGoldenTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void prefill(boolean scalar) {
    try (TinyGpt tiny = new TinyGpt(scalar, 0); GptSession session = open(tiny, tiny.text())) {
      tiny.golden.assertClose("gpt_prefill/prefix", tiny.seen.get("gpt.prefix"));
      tiny.golden.assertClose("gpt_prefill/hidden_block_0", tiny.seen.get("gpt.hidden_block_0"));
      tiny.golden.assertClose("gpt_prefill/last_hidden", tiny.seen.get("gpt.last_hidden"));
      tiny.golden.assertClose("gpt_prefill/logits_last", tiny.ops.download(session.logits()));
    }
  }

  @Test
  void idsWithAMeaningAreDroppedFromTheText() {
    try (TinyGpt tiny = new TinyGpt()) {
      int[] ids = tiny.golden.ints("gpt_prefill/padded_text_ids");
      assertTrue(tiny.gpt().drops(ids));
      try (GptSession session = open(tiny, ids)) {
        tiny.golden.assertClose("gpt_prefill/padded_prefix", tiny.seen.get("gpt.prefix"));
        tiny.golden.assertClose("gpt_prefill/padded_logits_last", tiny.ops.download(session.logits()));
      }
    }
  }

  @Test
  void teacherForcedStepsThroughTheCache() {
    try (TinyGpt tiny = new TinyGpt(); GptSession session = open(tiny, tiny.text())) {
      Ops ops = tiny.ops;
      int[] codes = tiny.golden.ints("gpt_teacher/teacher_codes");
      int vocabulary = tiny.gpt().vocabulary();
      float[] all = Arrays.copyOf(ops.download(session.logits()), (codes.length + 1) * vocabulary);
      KvPool pool = session.pool();
      int[] table = Arrays.copyOf(session.chain(), pool.blocksOf(session.prompt() + codes.length));
      int[] more = pool.take(table.length - session.chain().length);
      System.arraycopy(more, 0, table, session.chain().length, more.length);
      Tensor logits = ops.empty(1, vocabulary);
      Tensor id = ops.emptyInts(1);
      Tensor position = ops.emptyInts(1);
      Slots slots = new Slots(ops.emptyInts(1), ops.emptyInts(1, table.length), ops.emptyInts(1), pool.blockSize());
      ops.uploadIntsInto(table, slots.table());
      try (Replay step = tiny.backend.capture(() -> tiny.gpt().step(ops, id, position, pool.cache(), slots, logits))) {
        for (int k = 1; k <= codes.length; k++) {
          ops.uploadIntsInto(new int[] {codes[k - 1]}, id);
          ops.uploadIntsInto(new int[] {k + 1}, position);
          int last = session.prompt() + k - 1;
          ops.uploadIntsInto(new int[] {table[last / pool.blockSize()] * pool.blockSize() + last % pool.blockSize()}, slots.written());
          ops.uploadIntsInto(new int[] {session.prompt() + k}, slots.lengths());
          step.run();
          System.arraycopy(ops.download(logits), 0, all, k * vocabulary, vocabulary);
        }
      }
      tiny.golden.assertClose("gpt_teacher/logits", all);
    }
  }

  @Test
  void latents() {
    try (TinyGpt tiny = new TinyGpt(); GptSession session = open(tiny, tiny.text())) {
      int[] codes = tiny.golden.ints("gpt_latent/latent_codes");
      tiny.golden.assertClose("gpt_latent/latent", tiny.ops.download(session.latents(codes)));
      float[] one = tiny.ops.download(session.latents(new int[] {codes[0]}));
      assertEquals(tiny.gpt().width(), one.length);
      assertThrows(ShapeException.class, () -> session.latents(new int[0]));
    }
  }

  /** The second pass keeps ids that generation drops, so that it must not take generation's keys and values. */
  @Test
  void latentsOfATextWithDroppedIdsAreComputedFromTheStart() {
    try (TinyGpt tiny = new TinyGpt()) {
      int[] codes = tiny.golden.ints("gpt_latent/latent_codes");
      int[] text = tiny.text();
      int[] framed = new int[text.length + 1];
      System.arraycopy(text, 0, framed, 0, text.length);
      framed[text.length] = TinyGpt.CONFIG.stopText();
      try (GptSession dropped = open(tiny, framed); GptSession plain = open(tiny, text)) {
        float[] generated = tiny.ops.download(plain.logits());
        assertArrayEquals(generated, tiny.ops.download(dropped.logits()), 1e-6f, "generation does not see the id");
        float[] want = tiny.golden.floats("gpt_latent/latent");
        float[] got = tiny.ops.download(dropped.latents(codes));
        assertTrue(Math.abs(want[0] - got[0]) > 1e-3, "the second pass does");
      }
      try (var _ = tiny.ops.scope()) {
        Tensor rows = tiny.gpt().trainingPrefix(tiny.ops, tiny.speaker(), tiny.emotion(), text).rows();
        Tensor x = tiny.ops.empty(rows.rows() + codes.length, tiny.gpt().width());
        tiny.ops.copyInto(rows, x.rows(0, rows.rows()));
        tiny.ops.copyInto(tiny.gpt().trainingCodes(tiny.ops, Arrays.copyOf(codes, codes.length - 1)), x.rows(rows.rows(), x.rows()));
        tiny.gpt().forward(tiny.ops, x, LayerCache.scratch(tiny.ops, x.rows(), tiny.gpt().width(), tiny.gpt().cache(tiny.ops)), 0, 0);
        Tensor y = tiny.ops.empty(codes.length, tiny.gpt().width());
        tiny.gpt().finish(tiny.ops, x.rows(rows.rows(), x.rows()), y);
        tiny.golden.assertClose("gpt_latent/latent", tiny.ops.download(y));
      }
    }
  }

  @Test
  void limitsAreNamed() {
    try (TinyGpt tiny = new TinyGpt()) {
      assertEquals(140, tiny.gpt().maxText());
      assertEquals(514, tiny.gpt().vocabulary());
      assertEquals(3, tiny.gpt().layers());
      int[] text = new int[141];
      Arrays.fill(text, 5);
      ShapeException tooLong = assertThrows(ShapeException.class, () -> open(tiny, text).close());
      assertTrue(tooLong.getMessage().contains("141 tokens"), tooLong.getMessage());
      ShapeException unknown = assertThrows(ShapeException.class, () -> open(tiny, new int[] {5, 401}).close());
      assertTrue(unknown.getMessage().contains("401"), unknown.getMessage());
    }
  }

  @Test
  void aConfigurationOfAnotherModelIsRefused() {
    try (TinyGpt tiny = new TinyGpt(); TorchArchive archive = TorchArchive.open(tiny.golden.file("gpt.pth"))) {
      var source = archive.dictionaryOrRoot("model");
      Parameters parameters = new Parameters(tiny.backend, Precision.FP32);
      CheckpointException heads =
          assertThrows(CheckpointException.class, () -> AutoregressiveModel.load(source, new GptConfig(3, 0, 1, 512, 513), parameters));
      assertTrue(heads.getMessage().contains("gpt.heads is 3"), heads.getMessage());
      CheckpointException stop =
          assertThrows(CheckpointException.class, () -> AutoregressiveModel.load(source, new GptConfig(2, 0, 1, 512, 8193), parameters));
      assertTrue(stop.getMessage().contains("stop_mel_token is 8193"), stop.getMessage());
    }
  }

  private static GptSession open(TinyGpt tiny, int[] ids) {
    return new GptSession(tiny.ops, tiny.gpt(), tiny.speaker(), tiny.emotion(), ids);
  }
}
