package dev.syrinx.app;

import dev.syrinx.backend.Backend;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.synth.OptionsException;
import dev.syrinx.synth.Switches;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** An engine on random weights, and how it speaks. Use as a {@code @Mixin}. */
public final class RandomEngine {
  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--random-model", defaultValue = "official", paramLabel = "official|odd",
      description = "Dimensions of the random model (default: ${DEFAULT-VALUE}).")
  private BenchCommand.Dimensions dimensions;

  @Option(names = "--beams", defaultValue = "1", paramLabel = "N", description = "Beams (default: ${DEFAULT-VALUE}).")
  private int beams;

  @Mixin private EngineOptions options;
  @Mixin private FlowChoice flow;

  /** Dimensions of the weights. */
  SyntheticDims dims() {
    return dimensions.dims();
  }

  /** Hypotheses kept at a time. */
  int beams() {
    return beams;
  }

  /** What the engine runs on. */
  Switches.Target target() {
    return options.device().target();
  }

  /**
   * All switches.
   *
   * @throws ParameterException if they cannot be honoured together, on the device or with the beams
   */
  Switches switches() {
    try {
      return flow.on(options.switches()).check(SamplingOptions.defaults().withBeams(beams));
    } catch (IllegalArgumentException | OptionsException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** Opens the device. */
  Backend open(Switches switches) {
    return options.device().open(switches);
  }
}
