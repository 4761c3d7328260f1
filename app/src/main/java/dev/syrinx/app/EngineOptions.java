package dev.syrinx.app;

import dev.syrinx.nn.Precision;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of every command that runs the model: use as a {@code @Mixin}. */
public final class EngineOptions {
  @Mixin private ModelOption model;
  @Mixin private DeviceOptions device;

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

  /** Where to run. */
  public DeviceOptions device() {
    return device;
  }

  /** Storage type of the weights. */
  public Precision precision() {
    return precision;
  }
}
