package dev.syrinx.app;

import dev.syrinx.model.acoustic.FlowSolver;
import dev.syrinx.synth.CfgInterval;
import dev.syrinx.synth.OptionsException;
import dev.syrinx.synth.Switches;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** How the flow is solved: use as a {@code @Mixin}. */
public final class FlowChoice {
  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--steps", defaultValue = "25", paramLabel = "N",
      description = "Steps of flow matching: time grows with them, so does quality up to some number (default: ${DEFAULT-VALUE}, the official one).")
  private int steps;

  @Option(
      names = "--cfg", defaultValue = "0.7", paramLabel = "G",
      description = "Guidance of flow matching, 0 to 10; 0 evaluates one branch and takes half the time (default: ${DEFAULT-VALUE}).")
  private float guidance;

  @Option(
      names = "--schedule", defaultValue = "uniform", paramLabel = "uniform|sway|epss",
      description = "Spacing of the steps: equal, as the reference; sway: short near the noise; epss: pruned, 5, 6, 7, 10, 12 or 16 steps (default: ${DEFAULT-VALUE}).")
  private Switches.Schedule schedule;

  @Option(
      names = "--solver", defaultValue = "euler", paramLabel = "euler|ab2",
      description = "How velocities become steps: euler, as the reference; ab2: Adams-Bashforth of second order, as many evaluations, for fewer steps (default: ${DEFAULT-VALUE}).")
  private FlowSolver solver;

  @Option(
      names = "--cfg-interval", defaultValue = "0-1", paramLabel = "FROM-TO",
      description = "The times that are guided, of 0 (noise) to 1 (speech): 0.1-0.6 guides from 0.1 to before 0.6, and steps outside take half the time (default: ${DEFAULT-VALUE}, all).")
  private String interval;

  /** The switches with this flow. */
  Switches on(Switches base) {
    try {
      return base.withFlow(steps, guidance, schedule).withSolver(solver).withCfgInterval(CfgInterval.parse(interval));
    } catch (OptionsException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
