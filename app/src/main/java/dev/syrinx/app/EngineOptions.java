package dev.syrinx.app;

import dev.syrinx.nn.Precision;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Options of every command that runs the model: use as a {@code @Mixin}. */
public final class EngineOptions {
  /** More threads than any machine's memory can feed. */
  private static final int MOST_THREADS = 1024;

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Mixin private ModelOption model;

  @Option(
      names = "--device",
      paramLabel = "auto|cpu|cuda:N",
      converter = DeviceChoice.Converter.class,
      defaultValue = "auto",
      description = "Where to run (default: ${DEFAULT-VALUE}).")
  private DeviceChoice device;

  @Option(names = "--threads", paramLabel = "N", description = "CPU threads (default: all processors).")
  private Integer threads;

  @Option(
      names = "--precision",
      defaultValue = "fp32",
      paramLabel = "fp32|fp16|bf16|int8",
      description = "How weights are stored; sums are kept in fp32 (default: ${DEFAULT-VALUE}).")
  private Precision precision;

  /** The model's folder. */
  public ModelOption model() {
    return model;
  }

  /** Storage type of the weights. */
  public Precision precision() {
    return precision;
  }

  /** Number of CPU threads. */
  public int threads() {
    if (threads == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    if (threads < 1 || threads > MOST_THREADS) {
      throw new ParameterException(spec.commandLine(), "--threads must be 1 to " + MOST_THREADS + ", got " + threads);
    }
    return threads;
  }

  /**
   * Checks that the device asked for can be had.
   *
   * @throws CommandException.BadInput if it cannot
   */
  public void requireAvailable() {
    if (device instanceof DeviceChoice.Cuda(int index)) {
      throw new CommandException.BadInput(
          "--device cuda:" + index + ": the CUDA engine is not part of this build yet; use --device cpu");
    }
  }
}
