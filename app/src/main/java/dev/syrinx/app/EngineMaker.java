package dev.syrinx.app;

import dev.syrinx.backend.KernelWarmup;
import dev.syrinx.synth.Engine;
import dev.syrinx.synth.EngineOptions;
import dev.syrinx.synth.Switches;
import java.util.Locale;

/** Opens the engine that the options ask for, telling how loading goes. */
final class EngineMaker {
  private EngineMaker() {}

  static Engine open(ModelOption model, dev.syrinx.app.EngineOptions given, Switches switches, Progress progress) {
    return open(model, given, switches, progress, warmup(given));
  }

  /** Kernels that are run small from now on, where they are to run on the CPU. */
  static KernelWarmup warmup(dev.syrinx.app.EngineOptions given) {
    return given.device().target() == Switches.Target.CPU ? KernelWarmup.start() : KernelWarmup.none();
  }

  /** The same for speech: if nothing is to be heard, with fewer kernels. */
  static KernelWarmup warmup(dev.syrinx.app.EngineOptions given, boolean hears) {
    return hears || given.device().target() != Switches.Target.CPU ? warmup(given) : KernelWarmup.speaking();
  }

  /** The same with a warm-up that has begun; it is closed when the engine is open. */
  static Engine open(ModelOption model, dev.syrinx.app.EngineOptions given, Switches switches, Progress progress, KernelWarmup warmup) {
    model.notice().ifPresent(progress::note);
    EngineOptions options = new EngineOptions(given.device().threads(), switches, given.sequences(), part -> progress.stage("loading " + part));
    try (warmup) {
      return Engine.open(model.folder(), given.device().open(switches), options);
    }
  }

  /** The storage type, for summaries. */
  static String precision(Switches switches) {
    return switches.precision().name().toLowerCase(Locale.ROOT);
  }
}
