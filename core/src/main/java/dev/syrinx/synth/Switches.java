package dev.syrinx.synth;

import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.decode.KvOptions;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.model.acoustic.FlowSchedule;
import dev.syrinx.model.acoustic.FlowSolver;
import dev.syrinx.model.acoustic.Guidance;
import dev.syrinx.nn.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Every acceleration as a switch, to be measured one by one: the same record behind the command line and in the API.
 *
 * <p>{@code graph}, {@code attention}, {@code gemm}, {@code launcher} and {@code fusion} say how a GPU is used. The CPU has one way for each; {@link #check} refuses others
 * there. Exact switches leave the tokens as they are; {@code precision}, {@code latents}, {@code steps}, {@code cfg}, {@code schedule}, {@code solver} and {@code cfgInterval} change the
 * speech.
 *
 * @param kv layout of the cache of keys and values
 * @param blockSize positions of a block of the paged cache, 16 to 256
 * @param graph whether recorded steps become CUDA graphs; without, they are launched call by call
 * @param attention how attention over many positions runs
 * @param gemm whose matrix products run
 * @param launcher the binding that starts kernels
 * @param fusion whether a decode step becomes one resident kernel where it fits one (compute capability 9.0, at most 8 sequences), products in halves end with their gated
 *     units, and launches begin before those ahead of them have ended
 * @param precision storage type of the GPT's weights, which on a GPU those of other networks follow; sums are kept in float32
 * @param latents where the acoustic model's input comes from
 * @param steps evaluations of flow matching; 25 is the official number
 * @param cfg weight of classifier-free guidance; 0 runs one branch
 * @param schedule spacing of the steps
 * @param solver how velocities become steps
 * @param cfgInterval the times that are guided
 */
public record Switches(
    Kv kv, int blockSize, boolean graph, Attention attention, CudaOptions.Gemm gemm, CudaOptions.Launcher launcher, boolean fusion, Precision precision, Latents latents,
    int steps, float cfg, Schedule schedule, FlowSolver solver, CfgInterval cfgInterval) {
  /** The official number of steps. */
  private static final int STEPS = 25;

  /** The official weight of guidance. */
  private static final float CFG = 0.7f;

  private static final int BLOCK = 16;

  /** Layout of the cache of keys and values. */
  public enum Kv { PAGED, CONTIGUOUS }

  /** How attention runs: tile by tile with a running softmax, or score by score through memory. */
  public enum Attention { FLASH, NAIVE }

  /** Where the acoustic model's input comes from. */
  public enum Latents {
    /** A second pass of the GPT over the codes, as the reference does it. */
    SECOND_PASS,
    /** The states that decoding left: saves the pass. Approximate, because the two passes number the positions of codes differently. */
    REUSE
  }

  /** Spacing of the steps of flow matching. */
  public enum Schedule {
    /** Equal steps: the reference's. */
    UNIFORM,
    /** Steps that are short near the noise (1 − cos), for any number of them. */
    SWAY,
    /** Empirically pruned steps: 5, 6, 7, 10, 12 or 16 of them. */
    EPSS
  }

  /** Sets of switches with a name. */
  public enum Preset {
    /** Nothing accelerated: call by call, contiguous cache, float32. What everything else is compared with. */
    BASELINE,
    /** The GPT's engine: paged cache, graphs, one resident decode kernel, half-precision weights. */
    ACCEL,
    /** Everything that leaves the result as it is, in float32. */
    FULL,
    /** Least memory: int8 weights, small cache blocks. */
    LOW_MEMORY
  }

  /** What runs the networks. */
  public enum Target { CPU, GPU }

  /** @throws OptionsException for values out of range */
  public Switches {
    if (blockSize < 16 || blockSize > 256) {
      throw new OptionsException("--block-size must be 16 to 256 positions, got " + blockSize);
    }
    if (!(cfg >= 0 && cfg <= 10)) {
      throw new OptionsException("--cfg must be 0 to 10, got " + cfg);
    }
    FlowSchedule times = flowSchedule(schedule, steps); // refuses what there is not
    if (!cfgInterval.equals(CfgInterval.ALL)) {
      checkInterval(cfg, cfgInterval, times);
    }
  }

  private static void checkInterval(float cfg, CfgInterval interval, FlowSchedule times) {
    if (cfg == 0) {
      throw new OptionsException("--cfg-interval " + interval + " with --cfg 0: there is no guidance to confine; leave one out");
    }
    if (IntStream.range(0, times.steps()).mapToObj(times::time).noneMatch(interval::holds)) {
      throw new OptionsException("--cfg-interval " + interval + " holds none of the flow's " + times + ": widen it, or use --cfg 0");
    }
  }

  /** {@link Preset#FULL}. */
  public static Switches defaults() {
    return preset(Preset.FULL);
  }

  /** The switches of a preset. */
  public static Switches preset(Preset preset) {
    Switches full =
        new Switches(
            Kv.PAGED, BLOCK, true, Attention.FLASH, CudaOptions.Gemm.OWN, CudaOptions.Launcher.PANAMA, true, Precision.FP32, Latents.SECOND_PASS, STEPS, CFG, Schedule.UNIFORM,
            FlowSolver.EULER, CfgInterval.ALL);
    return switch (preset) {
      case FULL -> full;
      case ACCEL -> full.withPrecision(Precision.FP16);
      case LOW_MEMORY -> full.withPrecision(Precision.INT8);
      case BASELINE -> full.withKv(Kv.CONTIGUOUS, BLOCK).withGpu(false, Attention.NAIVE, CudaOptions.Gemm.OWN, CudaOptions.Launcher.PANAMA, false);
    };
  }

  /** The same as far as the CPU has a choice: presets mean there what is left of them. */
  public Switches onCpu() {
    Switches d = defaults();
    return withGpu(d.graph, d.attention, d.gemm, d.launcher, d.fusion);
  }

  /** The same with another cache. */
  public Switches withKv(Kv layout, int block) {
    return new Switches(layout, block, graph, attention, gemm, launcher, fusion, precision, latents, steps, cfg, schedule, solver, cfgInterval);
  }

  /** The same with another use of the GPU. */
  public Switches withGpu(boolean graphs, Attention kind, CudaOptions.Gemm products, CudaOptions.Launcher binding, boolean fused) {
    return new Switches(kv, blockSize, graphs, kind, products, binding, fused, precision, latents, steps, cfg, schedule, solver, cfgInterval);
  }

  /** The same with decode steps fused or not. */
  public Switches withFusion(boolean fused) {
    return withGpu(graph, attention, gemm, launcher, fused);
  }

  /** The same with weights of another type. */
  public Switches withPrecision(Precision value) {
    return new Switches(kv, blockSize, graph, attention, gemm, launcher, fusion, value, latents, steps, cfg, schedule, solver, cfgInterval);
  }

  /** The same with latents from elsewhere. */
  public Switches withLatents(Latents value) {
    return new Switches(kv, blockSize, graph, attention, gemm, launcher, fusion, precision, value, steps, cfg, schedule, solver, cfgInterval);
  }

  /** The same with another solution of the flow. */
  public Switches withFlow(int count, float guidance, Schedule spacing) {
    return new Switches(kv, blockSize, graph, attention, gemm, launcher, fusion, precision, latents, count, guidance, spacing, solver, cfgInterval);
  }

  /** The same with another method of solving the flow. */
  public Switches withSolver(FlowSolver value) {
    return new Switches(kv, blockSize, graph, attention, gemm, launcher, fusion, precision, latents, steps, cfg, schedule, value, cfgInterval);
  }

  /** The same with guidance in a part of the time. */
  public Switches withCfgInterval(CfgInterval value) {
    return new Switches(kv, blockSize, graph, attention, gemm, launcher, fusion, precision, latents, steps, cfg, schedule, solver, value);
  }

  /** The same with all of the flow as others have it: what belongs to a request, not to an engine. */
  public Switches withFlowOf(Switches other) {
    return withFlow(other.steps, other.cfg, other.schedule, other.solver, other.cfgInterval);
  }

  private Switches withFlow(int count, float guidance, Schedule spacing, FlowSolver method, CfgInterval interval) {
    return new Switches(kv, blockSize, graph, attention, gemm, launcher, fusion, precision, latents, count, guidance, spacing, method, interval);
  }

  /**
   * Refuses what the target cannot honour.
   *
   * @throws OptionsException with every reason
   */
  public Switches check(Target target) {
    List<String> reasons = target == Target.CPU ? onCpuRefused() : onGpuRefused();
    if (!reasons.isEmpty()) {
      throw new OptionsException(String.join("; ", reasons));
    }
    return this;
  }

  /**
   * Refuses what these switches cannot do with a way of sampling.
   *
   * @throws OptionsException with the reason
   */
  public Switches check(SamplingOptions sampling) {
    if (latents == Latents.REUSE && sampling.beams() > 1) {
      throw new OptionsException("--latents reuse with --beams " + sampling.beams() + ": beams change places, and the states of the one that wins are not kept; use --beams 1");
    }
    return this;
  }

  private List<String> onCpuRefused() {
    Switches d = defaults();
    List<String> given = new ArrayList<>();
    if (graph != d.graph) {
      given.add("--graph off");
    }
    if (attention != d.attention) {
      given.add("--attention naive");
    }
    if (gemm != d.gemm) {
      given.add("--gemm " + lower(gemm));
    }
    if (launcher != d.launcher) {
      given.add("--launcher " + lower(launcher));
    }
    if (fusion != d.fusion) {
      given.add("--fusion off");
    }
    return given.isEmpty() ? List.of() : List.of(String.join(", ", given) + " concerns a GPU, and this runs on the CPU: leave it out, or use --device cuda:N");
  }

  private List<String> onGpuRefused() {
    List<String> reasons = new ArrayList<>();
    if (fusion && attention == Attention.NAIVE) {
      reasons.add("--attention naive with --fusion on: the resident decode kernel has its own attention; add --fusion off");
    }
    if (fusion && gemm != CudaOptions.Gemm.OWN) {
      reasons.add("--gemm " + lower(gemm) + " with --fusion on: the resident decode kernel has its own products; add --fusion off");
    }
    if (gemm != CudaOptions.Gemm.OWN && precision == Precision.INT8) {
      reasons.add("--gemm " + lower(gemm) + " with --precision int8: the library has no products of float32 and int8; use fp16 or bf16, or --gemm own");
    }
    return reasons;
  }

  /** Layout of the decoder's cache. */
  public KvOptions kvOptions() {
    return new KvOptions(kv == Kv.PAGED ? KvOptions.Layout.PAGED : KvOptions.Layout.CONTIGUOUS, blockSize);
  }

  /** Time points of the flow. */
  public FlowSchedule flowSchedule() {
    return flowSchedule(schedule, steps);
  }

  private static FlowSchedule flowSchedule(Schedule schedule, int steps) {
    try {
      return switch (schedule) {
        case UNIFORM -> FlowSchedule.uniform(steps);
        case SWAY -> FlowSchedule.sway(steps);
        case EPSS -> FlowSchedule.epss(steps);
      };
    } catch (IllegalArgumentException e) {
      throw new OptionsException("--steps " + steps + " with --schedule " + lower(schedule) + ": " + e.getMessage());
    }
  }

  /** Guidance of the flow. */
  public Guidance guidance() {
    return Guidance.always(cfg).within(cfgInterval.from(), cfgInterval.to());
  }

  /** How the backend of a GPU is to be opened. */
  public CudaOptions cuda(CudaOptions options) {
    Map<String, String> naive = Map.of("attention", "naive", "decode_attention", "split");
    CudaOptions made = options.withGraphs(graph).withLauncher(launcher).withFusion(fusion).withGemm(gemm);
    if (attention == Attention.NAIVE) {
      for (Map.Entry<String, String> variant : naive.entrySet()) {
        Optional<String> other = Optional.ofNullable(options.variants().get(variant.getKey())).filter(name -> !name.equals(variant.getValue()));
        if (other.isPresent()) {
          throw new OptionsException("--attention naive and --variant " + variant.getKey() + "=" + other.get() + " contradict each other: leave one out");
        }
        made = made.withVariant(variant.getKey(), variant.getValue());
      }
    }
    return made;
  }

  /** All that is in effect on a target, as on a command line. */
  public String describe(Target target) {
    StringBuilder text = new StringBuilder("kv " + lower(kv) + (kv == Kv.PAGED ? " in blocks of " + blockSize : ""));
    if (target == Target.GPU) {
      text.append(", graph ").append(graph ? "on" : "off").append(", attention ").append(lower(attention)).append(", gemm ").append(lower(gemm));
      text.append(", launcher ").append(lower(launcher)).append(", fusion ").append(fusion ? "on" : "off");
    }
    text.append(", precision ").append(lower(precision)).append(", latents ").append(lower(latents));
    text.append(", steps ").append(steps).append(" ").append(lower(schedule)).append(", cfg ").append(cfg);
    if (!cfgInterval.equals(CfgInterval.ALL)) {
      text.append(" within ").append(cfgInterval);
    }
    return solver == FlowSolver.EULER ? text.toString() : text.append(", solver ").append(lower(solver)).toString();
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
