package dev.syrinx.app;

import dev.syrinx.decode.DecodeOptions;
import dev.syrinx.nn.Precision;
import dev.syrinx.synth.OptionsException;
import dev.syrinx.synth.Switches;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The switches of everything that runs the model, and where: use as a {@code @Mixin}. The model itself is {@link ModelOption}. */
public final class EngineOptions {
  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Mixin private DeviceOptions device;

  @Option(
      names = "--preset", paramLabel = "baseline|accel|full|low-memory", converter = Words.PresetWord.class,
      description = "What the other switches start from. baseline: nothing accelerated; accel: the GPT's engine, fp16; full: everything that leaves the result as it is, fp32;"
          + " low-memory: int8 (default: full).")
  private Switches.Preset preset;

  @Option(
      names = "--precision", paramLabel = "fp32|fp16|bf16|int8",
      description = "How weights are stored; sums are kept in fp32. Less memory and faster decoding, other rounding. On the CPU it is about the GPT; on a GPU all networks follow, int8 as fp16 (default: fp32).")
  private Precision precision;

  @Option(
      names = "--kv", paramLabel = "paged|contiguous",
      description = "The decoder's cache: in blocks that sequences share and take when they need them, or one piece for each sequence. Same result (default: paged).")
  private Switches.Kv kv;

  @Option(names = "--block-size", paramLabel = "N", description = "Positions of a block of --kv paged, 16 to 256. Same result (default: 16).")
  private Integer blockSize;

  @Option(
      names = "--latents", paramLabel = "second-pass|reuse", converter = Words.LatentsWord.class,
      description = "What the acoustic model starts from: a second pass over the codes, as the reference does it, or the states that decoding left. reuse saves the pass and is"
          + " approximate, because the two passes number positions differently; it needs --beams 1 (default: second-pass).")
  private Switches.Latents latents;

  @Option(
      names = "--sequences", defaultValue = "1", paramLabel = "N",
      description = "Most segments of a text that decode together, 1 to 64. Same result, faster for long texts on a GPU, more cache (default: ${DEFAULT-VALUE}).")
  private int sequences;

  /** Most segments that decode together. */
  int sequences() {
    if (sequences < 1 || sequences > DecodeOptions.MOST_SEQUENCES) {
      throw new ParameterException(spec.commandLine(), "--sequences must be 1 to " + DecodeOptions.MOST_SEQUENCES + ", got " + sequences);
    }
    return sequences;
  }

  /** Where to run. */
  public DeviceOptions device() {
    return device;
  }

  /**
   * All switches, with the reference's flow.
   *
   * @throws ParameterException if they cannot be honoured together, or on the device
   */
  public Switches switches() {
    try {
      Switches start = Switches.preset(preset == null ? Switches.Preset.FULL : preset);
      if (blockSize != null && (kv == null ? start.kv() : kv) != Switches.Kv.PAGED) {
        throw new OptionsException("--block-size is about --kv paged, and the cache is contiguous: leave it out");
      }
      Switches made = start.withKv(kv == null ? start.kv() : kv, blockSize == null ? start.blockSize() : blockSize)
          .withPrecision(precision == null ? start.precision() : precision).withLatents(latents == null ? start.latents() : latents);
      return device.switches(made);
    } catch (OptionsException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
