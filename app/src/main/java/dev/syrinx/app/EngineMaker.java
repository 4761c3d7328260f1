package dev.syrinx.app;

import dev.syrinx.synth.Engine;

/** Opens the engine that the options ask for, telling how loading goes. */
final class EngineMaker {
  private EngineMaker() {}

  static Engine open(EngineOptions options, Progress progress) {
    options.model().notice().ifPresent(progress::note);
    return Engine.open(
        options.model().folder(), options.device().open(),
        new dev.syrinx.synth.EngineOptions(options.device().threads(), options.precision(), part -> progress.stage("loading " + part)));
  }
}
