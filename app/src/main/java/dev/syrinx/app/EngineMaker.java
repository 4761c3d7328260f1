package dev.syrinx.app;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.KernelWarmup;
import dev.syrinx.synth.Engine;
import dev.syrinx.synth.EngineOptions;
import dev.syrinx.synth.Switches;
import java.util.Locale;

/** Opens the engine that the options ask for, telling how loading goes. */
final class EngineMaker {
  private EngineMaker() {}

  static Engine open(ModelOption model, dev.syrinx.app.EngineOptions given, Switches switches, Progress progress) {
    model.notice().ifPresent(progress::note);
    EngineOptions options = new EngineOptions(given.device().threads(), switches, given.sequences(), part -> progress.stage("loading " + part));
    Backend backend = given.device().open(switches);
    if (!(backend instanceof CpuBackend)) {
      return Engine.open(model.folder(), backend, options);
    }
    try (var _ = KernelWarmup.start()) {
      return Engine.open(model.folder(), backend, options);
    }
  }

  /** The storage type, for summaries. */
  static String precision(Switches switches) {
    return switches.precision().name().toLowerCase(Locale.ROOT);
  }
}
