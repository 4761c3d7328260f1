package dev.syrinx.verify;

import dev.syrinx.audio.FrameMatrix;
import dev.syrinx.audio.KaldiFbank;
import dev.syrinx.audio.ReferenceMel;
import dev.syrinx.audio.SeamlessFeatures;
import dev.syrinx.audio.SpeechAudio;
import dev.syrinx.backend.Ops;
import dev.syrinx.model.semantic.SemanticCodec;
import dev.syrinx.synth.SignalFrontEnd;
import dev.syrinx.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;

/** Stages from a recording to what the model conditions on. */
final class PromptStages {
  private PromptStages() {}

  static void audio(VerifyContext c, Results out) {
    SpeechAudio audio = SignalFrontEnd.audio(c.model.config());
    SpeechAudio.Speaker speaker = audio.speaker(file(c, "audio", "spk"));
    out.floats("spk_22k", speaker.mel());
    out.floats("spk_16k", speaker.features());
    out.floats("spk_emo16k", audio.emotion(file(c, "audio", "spk")));
    out.floats("emo_emo16k", audio.emotion(file(c, "audio", "emo")));
    out.floats("emo_22k_first", Arrays.copyOf(audio.speaker(file(c, "audio", "emo")).mel(), c.golden.dim("audio/emo_22k_first", -1)));
    SpeechAudio.Speaker cut = audio.speaker(file(c, "audio", "long"));
    out.ints("long_22k_shape", new int[] {1, cut.mel().length});
    out.floats("long_22k_last", Arrangement.last(cut.mel(), c.golden.dim("audio/long_22k_last", -1)));
    out.floats("long_16k_last", Arrangement.last(cut.features(), c.golden.dim("audio/long_16k_last", -1)));
  }

  private static Path file(VerifyContext c, String stage, String param) {
    return c.golden.path(c.golden.params(stage).path(param).asText());
  }

  static void features(VerifyContext c, Results out) {
    SeamlessFeatures front = SignalFrontEnd.seamless(c.model);
    String[][] clips = {{"spk", "audio/spk_16k"}, {"emo", "audio/emo_emo16k"}, {"spk_as_emo", "audio/spk_emo16k"}};
    for (String[] clip : clips) {
      SeamlessFeatures.Features features = front.features(c.golden.floats(clip[1]));
      out.floats(clip[0] + "_features", features.values().values());
      out.ints(clip[0] + "_mask", features.mask());
    }
  }

  static void w2v(VerifyContext c, Results out) {
    for (String clip : new String[] {"spk", "emo", "spk_as_emo"}) {
      c.forget();
      int valid = Arrays.stream(c.golden.ints("features/" + clip + "_mask")).sum();
      Tensor made = c.model.semantic().forward(c.ops, c.matrix("features/" + clip + "_features"), valid);
      out.floats(clip + "_cond", c.ops.download(made));
      for (String output : c.golden.outputs("w2v")) {
        if (output.startsWith(clip + "_hidden_")) {
          out.floats(output, c.tap("w2v.hidden." + output.substring(output.lastIndexOf('_') + 1)));
        }
      }
    }
  }

  static void semantic(VerifyContext c, Results out) {
    SemanticCodec.Quantized made = c.model.codec().quantize(c.ops, c.matrix("w2v/spk_cond"));
    out.ints("codes", c.ops.downloadInts(made.codes()));
    out.floats("s_ref", c.ops.download(made.vectors()));
    out.floats("encoder_out", Arrangement.transposed(c.tap("semantic.encoder_out"), c.model.codec().width()));
    out.floats("code_cosine_margin", Arrangement.margins(c.tap("semantic.similarity"), c.model.codec().codes()));
  }

  static void fbank(VerifyContext c, Results out) {
    KaldiFbank fbank = SignalFrontEnd.fbank(c.model);
    out.floats("fbank", fbank.features(c.golden.floats("audio/spk_16k")).values());
    out.floats("fbank_centered", fbank.centred(c.golden.floats("audio/spk_16k")).values());
  }

  static void campplus(VerifyContext c, Results out) {
    out.floats("style", c.ops.download(c.model.speaker().forward(c.ops, c.matrix("fbank/fbank_centered"))));
    int bins = c.golden.dim("fbank/fbank_centered", -1) / 8; // three strides of 2
    int width = c.golden.dim("campplus/head", -2);
    out.floats("head", Arrangement.transposed(channelMajor(c.tap("campplus.head"), width, bins), width));
    out.floats("tdnn", Arrangement.transposed(c.tap("campplus.tdnn"), c.golden.dim("campplus/tdnn", -2)));
    for (String output : c.golden.outputs("campplus")) {
      if (output.endsWith("_every_4th_frame")) {
        int channels = c.golden.dim("campplus/" + output, -2);
        float[] block = c.tap("campplus." + output.substring(0, output.indexOf('_')));
        out.floats(output, Arrangement.transposed(Arrangement.everyNth(block, channels, 4), channels));
      }
    }
  }

  /** Rows of {@code [bin][channel]} as the official {@code [channel][bin]}. */
  private static float[] channelMajor(float[] x, int width, int bins) {
    int channels = width / bins;
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i / width * width + i % channels * bins + i / channels % bins] = x[i];
    }
    return y;
  }

  static void refMel(VerifyContext c, Results out) {
    out.floats("mel", SignalFrontEnd.mel(c.model.config()).logMel(c.golden.floats("audio/spk_22k")).values());
  }

  static void promptCondition(VerifyContext c, Results out) {
    Tensor made = c.model.regulator().apply(c.ops, c.matrix("semantic/s_ref"), c.golden.dim("ref_mel/mel", -1));
    out.floats("prompt_condition", c.ops.download(made));
  }

  /** The chain from a file of over 15 seconds; its signals come from this engine's resampler. */
  static void longPrompt(VerifyContext c, Results out) {
    SpeechAudio audio = SignalFrontEnd.audio(c.model.config());
    Path file = file(c, "long_prompt", "long");
    SpeechAudio.Speaker signals = audio.speaker(file);
    Ops ops = c.ops;
    ReferenceMel mel = SignalFrontEnd.mel(c.model.config());
    FrameMatrix logMel = mel.logMel(signals.mel());
    out.ints("mel_shape", new int[] {1, logMel.rows(), logMel.columns()});
    out.floats("mel_first", columns(logMel, 0, c.golden.dim("long_prompt/mel_first", -1)));
    int kept = c.golden.dim("long_prompt/mel_last", -1);
    out.floats("mel_last", columns(logMel, logMel.columns() - kept, kept));
    FrameMatrix centred = SignalFrontEnd.fbank(c.model).centred(signals.features());
    out.floats("style", ops.download(c.model.speaker().forward(ops, ops.upload(centred.values(), centred.rows(), centred.columns()))));
    Tensor cond = semantic(c, signals.features());
    out.ints("cond_shape", new int[] {1, cond.rows(), cond.cols()});
    out.floats("cond_last", ops.download(cond.rows(cond.rows() - c.golden.dim("long_prompt/cond_last", -2), cond.rows())));
    SemanticCodec.Quantized quantized = c.model.codec().quantize(ops, cond);
    out.ints("codes", ops.downloadInts(quantized.codes()));
    Tensor condition = c.model.regulator().apply(ops, quantized.vectors(), logMel.columns());
    int rows = c.golden.dim("long_prompt/prompt_condition_last", -2);
    out.floats("prompt_condition_last", ops.download(condition.rows(condition.rows() - rows, condition.rows())));
    out.floats("spk_latents", ops.download(c.model.conditioner().speaker(ops, cond)));
    Tensor base = c.model.conditioner().emotion(ops, cond);
    Tensor own = c.model.conditioner().emotion(ops, semantic(c, audio.emotion(file)));
    out.floats("emovec", ops.download(c.model.conditioner().merge(ops, base, own, 1f)));
  }

  private static Tensor semantic(VerifyContext c, float[] signal) {
    SeamlessFeatures.Features f = SignalFrontEnd.seamless(c.model).features(signal);
    Tensor x = c.ops.upload(f.values().values(), f.values().rows(), f.values().columns());
    return c.model.semantic().forward(c.ops, x, Arrays.stream(f.mask()).sum());
  }

  private static float[] columns(FrameMatrix matrix, int from, int count) {
    float[] out = new float[matrix.rows() * count];
    for (int row = 0; row < matrix.rows(); row++) {
      System.arraycopy(matrix.values(), row * matrix.columns() + from, out, row * count, count);
    }
    return out;
  }
}
