package dev.syrinx.app;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaKernels;
import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.backend.cuda.KernelWatch;
import dev.syrinx.backend.cuda.UserKernel;
import dev.syrinx.synth.OptionsException;
import dev.syrinx.synth.Switches;
import dev.syrinx.verify.UserKernelCheck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;
import picocli.CommandLine.TypeConversionException;

/** Where to run, and how: use as a {@code @Mixin}. */
public final class DeviceOptions {
  /** More threads than any machine's memory can feed. */
  private static final int MOST_THREADS = 1024;

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--device",
      paramLabel = "auto|cpu|cuda:N",
      converter = DeviceChoice.Converter.class,
      defaultValue = "auto",
      description = "Where to run; auto takes the first GPU that answers, else the CPU (default: ${DEFAULT-VALUE}).")
  private DeviceChoice device;

  @Option(names = "--threads", paramLabel = "N", description = "CPU threads (default: all processors).")
  private Integer threads;

  @Option(names = "--gpu-memory", paramLabel = "SIZE", converter = Size.class, description = "Most GPU memory to hold, such as 20g or 800m (default: all).")
  private Long gpuMemory;

  @Option(
      names = "--graph", paramLabel = "on|off",
      description = "GPU: recorded steps run as CUDA graphs, one launch for all their kernels; off: launch by launch. Same result (default: on).")
  private Words.OnOff graph;

  @Option(
      names = "--fusion", paramLabel = "on|off",
      description = "GPU: a decode step of up to 8 sequences runs as one resident kernel that streams the weights (compute capability 9.0), gated units end their products"
          + " of halves, and launches overlap; off: kernel by kernel. Same result up to rounding (default: on).")
  private Words.OnOff fusion;

  @Option(
      names = "--attention", paramLabel = "flash|naive",
      description = "GPU: attention tile by tile with a running softmax, or all scores through memory. Same result up to rounding; naive needs --fusion off (default: flash).")
  private Switches.Attention attention;

  @Option(
      names = "--gemm", paramLabel = "own|cublaslt|jcublas",
      description = "GPU: matrix products by this project's kernels, by cuBLASLt through Panama, or by cuBLAS of CUDA 12 through JCublas. The libraries take fp32, fp16 and bf16 and"
          + " need --fusion off; products that they cannot express stay with our kernels (default: own).")
  private CudaOptions.Gemm gemm;

  @Option(
      names = "--launcher", paramLabel = "panama|jcuda",
      description = "GPU: the binding that starts kernels: the JDK's foreign functions, or JCuda's JNI, to compare. Same result (default: panama).")
  private CudaOptions.Launcher launcher;

  @Option(names = "--variant", paramLabel = "KERNEL=NAME", description = "GPU: run a kernel by this variant; see 'syrinx kernels KERNEL'. May be given again.")
  private Map<String, String> variants = new LinkedHashMap<>();

  @Option(
      names = "--kernel", paramLabel = "NAME=FILE:ENTRY",
      description = "GPU: run operation NAME by your kernel, an extern \"C\" entry of PTX, a cubin or a fat binary, with the parameters that 'syrinx kernels NAME' shows. NAME/f16 takes"
          + " weights of that type (f32, f16, bf16, i8); ENTRY@BLOCKS/THREADS sets the grid: BLOCKS is a number or an axis, for a block each (default: 16 blocks a multiprocessor, 256"
          + " threads). It runs after it passed the operation's cases against the reference; 'speak' and 'bench' then time it in place beside ours. May be given again.")
  private Map<String, String> kernels = new LinkedHashMap<>();

  private Optional<KernelWatch> watch = Optional.empty();

  /** A number of bytes: digits, then perhaps k, m or g. */
  static final class Size implements ITypeConverter<Long> {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([kmg]?)");

    @Override
    public Long convert(String value) {
      Matcher size = SIZE.matcher(value.toLowerCase(Locale.ROOT));
      if (!size.matches() || Long.parseLong(size.group(1)) == 0) {
        throw new TypeConversionException("'" + value + "' is no size: use digits with k, m or g, such as 20g");
      }
      return Long.parseLong(size.group(1)) << ("kmg".indexOf(size.group(2)) + 1) * 10 * Math.min(1, size.group(2).length());
    }
  }

  /** The choice as it was given. */
  DeviceChoice choice() {
    return device;
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

  /** What the kernels of {@code --kernel} took on the calls that were made, beside ours; empty if there are none. To be asked before the engine is closed. */
  List<KernelWatch.Time> kernelTimes() {
    return watch.map(KernelWatch::times).orElse(List.of());
  }

  /** Most GPU memory to hold, if there is a limit. */
  OptionalLong gpuMemory() {
    return gpuMemory == null ? OptionalLong.empty() : OptionalLong.of(gpuMemory);
  }

  /** What the model will run on. */
  Switches.Target target() {
    return switch (device) {
      case DeviceChoice.Cpu() -> Switches.Target.CPU;
      case DeviceChoice.Cuda(int index) -> Switches.Target.GPU;
      case DeviceChoice.Auto() -> CudaBackend.obstacle(CudaKernels.packed()).isPresent() ? Switches.Target.CPU : Switches.Target.GPU;
    };
  }

  /**
   * The switches with what was given here.
   *
   * @param base a preset's
   * @throws ParameterException if they cannot be honoured together, or on this device
   */
  Switches switches(Switches base) {
    Switches.Target target = target();
    List<String> words = switchWords();
    kernels.forEach((name, file) -> words.addAll(List.of("--kernel", name + "=" + file)));
    variants.forEach((kernel, variant) -> words.addAll(List.of("--variant", kernel + "=" + variant)));
    if (target == Switches.Target.CPU && !words.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), String.join(" ", words) + " concerns a GPU, and this runs on the CPU: leave it out, or use --device cuda:N");
    }
    Switches start = target == Switches.Target.CPU ? base.onCpu() : base;
    Switches made =
        start.withGpu(
            graph == null ? start.graph() : graph.on(), attention == null ? start.attention() : attention, gemm == null ? start.gemm() : gemm,
            launcher == null ? start.launcher() : launcher, fusion == null ? start.fusion() : fusion.on());
    try {
      return made.check(target);
    } catch (OptionsException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** The switches that were given, as they were given. */
  private List<String> switchWords() {
    List<String> given = new ArrayList<>();
    add(given, "--graph", graph);
    add(given, "--fusion", fusion);
    add(given, "--attention", attention);
    add(given, "--gemm", gemm);
    add(given, "--launcher", launcher);
    return given;
  }

  private static void add(List<String> to, String name, Enum<?> value) {
    if (value != null) {
      to.addAll(List.of(name, Words.word(value)));
    }
  }

  /** Number of the GPU that would be opened. */
  int index() {
    return device instanceof DeviceChoice.Cuda(int index) ? index : 0;
  }

  /** Kernels that the user brought. */
  List<UserKernel> userKernels() {
    return kernels.entrySet().stream().map(kernel -> UserKernel.parse(kernel.getKey(), kernel.getValue())).toList();
  }

  /** How to use a GPU. */
  CudaOptions cuda(int index, Switches switches) {
    CudaOptions options = CudaOptions.of(index).withMemory(gpuMemory == null ? Long.MAX_VALUE : gpuMemory);
    try {
      for (Map.Entry<String, String> variant : variants.entrySet()) {
        options = options.withVariant(variant.getKey(), variant.getValue());
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--variant: " + e.getMessage(), e);
    }
    try {
      for (Map.Entry<String, String> kernel : kernels.entrySet()) {
        options = options.withKernel(UserKernel.parse(kernel.getKey(), kernel.getValue()));
      }
      return switches.cuda(options).checked();
    } catch (OptionsException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--kernel: " + e.getMessage(), e);
    }
  }

  /** The options that concern a GPU, as they were given: for another process that shall do the same. */
  List<String> arguments() {
    List<String> given = new ArrayList<>();
    given.addAll(List.of("--device", device instanceof DeviceChoice.Cuda(int index) ? "cuda:" + index : device instanceof DeviceChoice.Cpu ? "cpu" : "auto"));
    given.addAll(switchWords());
    if (gpuMemory != null) {
      given.addAll(List.of("--gpu-memory", gpuMemory.toString()));
    }
    kernels.forEach((name, file) -> given.addAll(List.of("--kernel", name + "=" + file)));
    variants.forEach((kernel, variant) -> given.addAll(List.of("--variant", kernel + "=" + variant)));
    return given;
  }

  /**
   * Opens what was chosen.
   *
   * @throws dev.syrinx.backend.cuda.CudaUnavailableException if a GPU was asked for by number and cannot be had
   */
  public Backend open(Switches switches) {
    if (target() == Switches.Target.CPU) {
      return new CpuBackend(threads(), false);
    }
    CudaOptions options = cuda(index(), switches);
    CudaBackend backend = CudaBackend.open(options);
    UserKernelCheck.require(backend, options);
    watch = backend.watch();
    return backend;
  }
}
