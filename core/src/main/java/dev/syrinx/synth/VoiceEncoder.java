package dev.syrinx.synth;

import dev.syrinx.audio.FrameMatrix;
import dev.syrinx.audio.KaldiFbank;
import dev.syrinx.audio.ReferenceMel;
import dev.syrinx.audio.SeamlessFeatures;
import dev.syrinx.audio.SpeechAudio;
import dev.syrinx.backend.Ops;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.synth.Voice.Matrix;
import dev.syrinx.tensor.Tensor;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Turns recordings into what the model conditions on. */
final class VoiceEncoder {
  private final IndexTts2 model;
  private final Ops ops;
  private final SeamlessFeatures seamless;
  private final KaldiFbank fbank;
  private final ReferenceMel mel;

  VoiceEncoder(IndexTts2 model, Ops ops) {
    this.model = model;
    this.ops = ops;
    seamless = SignalFrontEnd.seamless(model);
    fbank = SignalFrontEnd.fbank(model);
    mel = SignalFrontEnd.mel(model.config());
  }

  /** Prepares a voice from the speaker's signals and the emotion path's signal of the same clip. Signals are analysed while networks run. */
  Voice voice(String name, String fingerprint, SpeechAudio.Speaker signals, float[] emotionSignal) {
    CompletableFuture<FrameMatrix> bank = CompletableFuture.supplyAsync(() -> fbank.centred(signals.features()));
    CompletableFuture<SeamlessFeatures.Features> emotional = CompletableFuture.supplyAsync(() -> seamless.features(emotionSignal));
    CompletableFuture<FrameMatrix> refMel = CompletableFuture.supplyAsync(() -> mel.logMel(signals.mel()));
    try (var _ = ops.scope()) {
      Tensor features = semantic(seamless.features(signals.features()));
      Tensor latents = model.conditioner().speaker(ops, features);
      Tensor base = model.conditioner().emotion(ops, features);
      Tensor vectors = model.codec().quantize(ops, features).vectors();
      Tensor style = style(done(bank));
      Tensor own = model.conditioner().emotion(ops, semantic(done(emotional)));
      FrameMatrix mels = done(refMel);
      Tensor condition = model.regulator().apply(ops, vectors, mels.columns());
      return new Voice(name, fingerprint, host(latents), host(base), host(own), host(style), timeMajor(mels), host(condition));
    }
  }

  private static <T> T done(CompletableFuture<T> later) {
    try {
      return later.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** The emotion vector of another clip, {@code [1, d]}. */
  Tensor emotion(float[] signal) {
    return model.conditioner().emotion(ops, semantic(seamless.features(signal)));
  }

  private Tensor semantic(SeamlessFeatures.Features features) {
    Tensor x = ops.upload(features.values().values(), features.values().rows(), features.values().columns());
    return model.semantic().forward(ops, x, Arrays.stream(features.mask()).sum());
  }

  private Tensor style(FrameMatrix centred) {
    return model.speaker().forward(ops, ops.upload(centred.values(), centred.rows(), centred.columns()));
  }

  /** The mel front end gives {@code [mels, frames]}, as the reference does; the networks take frames as rows. */
  private static Matrix timeMajor(FrameMatrix mels) {
    float[] values = new float[mels.values().length];
    for (int row = 0; row < mels.rows(); row++) {
      for (int column = 0; column < mels.columns(); column++) {
        values[column * mels.rows() + row] = mels.at(row, column);
      }
    }
    return new Matrix(values, mels.columns(), mels.rows());
  }

  private Matrix host(Tensor tensor) {
    return new Matrix(ops.download(tensor), tensor.rows(), tensor.cols());
  }
}
