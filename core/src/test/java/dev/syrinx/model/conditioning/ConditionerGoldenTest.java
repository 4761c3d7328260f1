package dev.syrinx.model.conditioning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.Ops;
import dev.syrinx.model.gpt.TinyGpt;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Speaker latents and emotion vectors against the official code. */
class ConditionerGoldenTest {
  @Test
  void speaker() {
    try (TinyGpt tiny = new TinyGpt()) {
      float[] latents = tiny.ops.download(tiny.model.conditioner().speaker(tiny.ops, tiny.matrix("w2v/spk_cond")));
      tiny.golden.assertClose("conditioning/spk_subsampled", tiny.seen.get("conditioning.spk_subsampled"));
      tiny.golden.assertClose("conditioning/spk_conformer", tiny.seen.get("conditioning.spk_conformer"));
      tiny.golden.assertClose("conditioning/spk_latents", latents);
    }
  }

  @Test
  void emotion() {
    try (TinyGpt tiny = new TinyGpt()) {
      Ops ops = tiny.ops;
      Conditioner conditioner = tiny.model.conditioner();
      Tensor base = conditioner.emotion(ops, tiny.matrix("w2v/spk_cond"));
      tiny.golden.assertClose("conditioning/base_vec", ops.download(base));
      Tensor emotion = conditioner.emotion(ops, tiny.matrix("w2v/emo_cond"));
      tiny.golden.assertClose("conditioning/emo_conformer", tiny.seen.get("conditioning.emo_conformer"));
      tiny.golden.assertClose("conditioning/emo_perceiver", tiny.seen.get("conditioning.emo_perceiver"));
      tiny.golden.assertClose("conditioning/emo_vec", ops.download(emotion));
      tiny.golden.assertClose("conditioning/emovec_alpha_1_0", ops.download(conditioner.merge(ops, base, emotion, 1f)));
      tiny.golden.assertClose("conditioning/emovec_alpha_0_6", ops.download(conditioner.merge(ops, base, emotion, 0.6f)));
      Tensor own = conditioner.emotion(ops, tiny.matrix("w2v/spk_as_emo_cond"));
      tiny.golden.assertClose("conditioning/emovec_default", ops.download(conditioner.merge(ops, base, own, 1f)));
    }
  }

  @Test
  void framesBeyondTheLengthAreMasked() {
    try (TinyGpt tiny = new TinyGpt()) {
      Tensor features = tiny.matrix("w2v/spk_cond");
      int length = tiny.golden.param("conditioning", "masked_length").asInt();
      tiny.golden.assertClose(
          "conditioning/spk_latents_masked", tiny.ops.download(tiny.model.conditioner().speaker(tiny.ops, features, length)));
      tiny.golden.assertClose(
          "conditioning/base_vec_masked", tiny.ops.download(tiny.model.conditioner().emotion(tiny.ops, features, length)));
    }
  }

  @Test
  void longPrompt() {
    try (TinyGpt tiny = new TinyGpt()) {
      assertEquals(32, tiny.model.conditioner().latents());
      assertEquals(128, tiny.model.conditioner().width());
      Tensor features = tiny.matrix("w2v/spk_cond");
      Tensor repeated = tiny.ops.empty(8 * features.rows(), features.cols());
      for (int i = 0; i < 8; i++) {
        tiny.ops.copyInto(features, repeated.rows(i * features.rows(), (i + 1) * features.rows()));
      }
      float[] all = tiny.ops.download(tiny.model.conditioner().speaker(tiny.ops, repeated));
      float[] cut = tiny.ops.download(tiny.model.conditioner().speaker(tiny.ops, repeated, 900));
      assertTrue(distance(all, cut) > 1e-3, "frames between 900 and the official length count");
    }
  }

  private static double distance(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }

  @Test
  void tooShortOrTooLongRecordingsAreRefused() {
    try (TinyGpt tiny = new TinyGpt()) {
      Conditioner conditioner = tiny.model.conditioner();
      int width = tiny.matrix("w2v/spk_cond").cols();
      ShapeException e = assertThrows(ShapeException.class, () -> conditioner.speaker(tiny.ops, tiny.ops.zeros(2, width)));
      assertTrue(e.getMessage().contains("longer recording"), e.getMessage());
      assertThrows(ShapeException.class, () -> conditioner.emotion(tiny.ops, tiny.ops.zeros(2 * 800 + 3, width)));
      assertThrows(ShapeException.class, () -> conditioner.emotion(tiny.ops, tiny.ops.zeros(50, width + 2)));
    }
  }
}
