package dev.syrinx.app;

import dev.syrinx.synth.Engine;
import dev.syrinx.synth.EngineOptions;
import dev.syrinx.synth.Switches;
import java.util.Locale;

/** Opens the engine that the options ask for, telling how loading goes. */
final class EngineMaker {
  private EngineMaker() {}

  static Engine open(ModelOption model, DeviceOptions device, Switches switches, Progress progress) {
    model.notice().ifPresent(progress::note);
    EngineOptions options = new EngineOptions(device.threads(), switches, part -> progress.stage("loading " + part));
    return Engine.open(model.folder(), device.open(switches), options);
  }

  /** The storage type, for summaries. */
  static String precision(Switches switches) {
    return switches.precision().name().toLowerCase(Locale.ROOT);
  }
}
