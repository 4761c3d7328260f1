package dev.syrinx.app;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaKernels;
import dev.syrinx.backend.cuda.CudaOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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

  @Option(names = "--no-graphs", description = "GPU: replay recorded steps launch by launch instead of as CUDA graphs.")
  private boolean noGraphs;

  @Option(names = "--no-fusion", description = "GPU: run a decode step call by call instead of as one resident kernel.")
  private boolean noFusion;

  @Option(
      names = "--launcher", paramLabel = "panama|jcuda", defaultValue = "panama", description = "GPU: the binding that starts kernels (default: ${DEFAULT-VALUE}).")
  private CudaOptions.Launcher launcher;

  @Option(names = "--variant", paramLabel = "KERNEL=NAME", description = "GPU: run a kernel by this variant; see 'syrinx kernels KERNEL'. May be given again.")
  private Map<String, String> variants = new LinkedHashMap<>();

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

  /** How to use a GPU. */
  CudaOptions cuda(int index) {
    try {
      return new CudaOptions(index, gpuMemory == null ? Long.MAX_VALUE : gpuMemory, !noGraphs, launcher, !noFusion, variants);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--variant: " + e.getMessage(), e);
    }
  }

  /** The options that concern a GPU, as they were given: for another process that shall do the same. */
  List<String> arguments() {
    List<String> given = new ArrayList<>();
    given.addAll(List.of("--device", device instanceof DeviceChoice.Cuda(int index) ? "cuda:" + index : device instanceof DeviceChoice.Cpu ? "cpu" : "auto"));
    given.addAll(List.of("--launcher", launcher.name()));
    if (gpuMemory != null) {
      given.addAll(List.of("--gpu-memory", gpuMemory.toString()));
    }
    if (noGraphs) {
      given.add("--no-graphs");
    }
    if (noFusion) {
      given.add("--no-fusion");
    }
    variants.forEach((kernel, variant) -> given.addAll(List.of("--variant", kernel + "=" + variant)));
    return given;
  }

  /**
   * Opens what was chosen.
   *
   * @throws dev.syrinx.backend.cuda.CudaUnavailableException if a GPU was asked for by number and cannot be had
   */
  public Backend open() {
    return switch (device) {
      case DeviceChoice.Cpu() -> cpu();
      case DeviceChoice.Cuda(int index) -> CudaBackend.open(cuda(index));
      case DeviceChoice.Auto() -> auto();
    };
  }

  private Backend auto() {
    Optional<String> obstacle = CudaBackend.obstacle(CudaKernels.packed());
    return obstacle.isPresent() ? cpu() : CudaBackend.open(cuda(0));
  }

  private Backend cpu() {
    return new CpuBackend(threads(), false);
  }
}
