package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.cuda.CudaException;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaAbi;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Param;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Somebody's kernel for one operation, in PTX or a fat binary: it takes the place of this project's. Its entry has the parameters of {@link CudaAbi}, in a grid of one dimension
 * whose size the call does not change, or that follows an axis.
 *
 * @param kernel name of the operation
 * @param type of the weights that it takes; {@link DType#F32} for operations without
 * @param file PTX, a cubin or a fat binary
 * @param entry name of its {@code extern "C"} function
 * @param blocks a number of blocks, or the name of an axis for a block each; empty for 16 blocks a multiprocessor
 * @param threads of a block
 */
public record UserKernel(String kernel, DType type, Path file, String entry, Optional<String> blocks, int threads) {
  private static final String FORM = "NAME[/TYPE]=FILE:ENTRY[@BLOCKS/THREADS]";
  private static final Pattern TARGET = Pattern.compile("(.+):([A-Za-z_$][\\w$/]*?)(?:@(\\w+)/(\\d{1,4}))?");
  private static final int THREADS = 256;

  /** Beginning of the names of sources that are files. */
  private static final String SOURCE = "file:";

  /** @throws IllegalArgumentException for operations and axes that there are not */
  public UserKernel {
    KernelSpec spec = spec(kernel);
    boolean axis = blocks.isEmpty() || blocks.get().matches("\\d{1,6}") || spec.axes().contains(blocks.get());
    if (!axis) {
      throw new IllegalArgumentException("'" + blocks.get() + "' is no number of blocks and no axis of " + kernel + ", which has " + spec.axes());
    }
    if (threads < 1 || threads > 1024 || (blocks.isPresent() && blocks.get().equals("0"))) {
      throw new IllegalArgumentException("a block has 1 to 1024 threads and a grid at least one block, got " + blocks.orElse("") + "/" + threads);
    }
    if (!spec.dtypes().contains(type)) {
      throw new IllegalArgumentException(kernel + " has no weights of type " + type + "; there are " + spec.dtypes());
    }
  }

  /**
   * Reads {@code NAME[/TYPE]=FILE:ENTRY[@BLOCKS/THREADS]}.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  public static UserKernel parse(String name, String target) {
    Matcher matcher = TARGET.matcher(target);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + name + "=" + target + "' is not of the form " + FORM);
    }
    int slash = name.indexOf('/');
    String kernel = slash < 0 ? name : name.substring(0, slash);
    spec(kernel);
    int threads = matcher.group(4) == null ? THREADS : Integer.parseInt(matcher.group(4));
    return new UserKernel(kernel, slash < 0 ? DType.F32 : type(name.substring(slash + 1)), Path.of(matcher.group(1)), matcher.group(2), Optional.ofNullable(matcher.group(3)), threads);
  }

  private static DType type(String word) {
    try {
      return DType.valueOf(word.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + word + "' is no type of weights: use f32, f16, bf16 or i8", e);
    }
  }

  private static KernelSpec spec(String name) {
    return KernelCatalog.ALL.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow(() -> new IllegalArgumentException(
        "no kernel is named '" + name + "'; there are " + KernelCatalog.ALL.stream().map(KernelSpec::name).collect(Collectors.joining(", "))));
  }

  /** The operation. */
  public KernelSpec spec() {
    return spec(kernel);
  }

  /** The entry as a variant of the operation. */
  CudaVariant variant() {
    return CudaVariant.of(SOURCE + file, (a, gpu) -> List.of(launch(a, gpu))).named(name()).rounding(type == DType.I8 ? DType.F16 : type).onlyIf(this::takes);
  }

  /** Name of the variant. */
  public String name() {
    return "user:" + entry;
  }

  /** Activations in half precision are left to this project's kernels: the entry reads floats. */
  private boolean takes(Arguments a) {
    return !a.halves() && spec().params().stream().filter(p -> p.buffer() && p.type() == null && a.has(p.name())).allMatch(p -> a.dtype(p.name()) == type);
  }

  private Launch launch(Arguments a, Gpu gpu) {
    long count = blocks.map(text -> text.matches("\\d+") ? Long.parseLong(text) : Math.max(1, a.dim(text))).orElse(16L * gpu.multiprocessors());
    return Launch.row(entry, count, threads);
  }

  /** Whether a variant's source is somebody's file. */
  static boolean isFile(String source) {
    return source.startsWith(SOURCE);
  }

  /** The image of a source that is a file. */
  static Optional<byte[]> image(String source) {
    if (!isFile(source)) {
      return Optional.empty();
    }
    Path file = Path.of(source.substring(SOURCE.length()));
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Loads it and compares its parameters with those of the operation.
   *
   * @throws UserKernelException saying what is wrong with the file
   */
  void load(DeviceKernels kernels) {
    String what = "--kernel " + kernel + "=" + file + ":" + entry + ": ";
    try {
      List<Integer> found = kernels.of(spec()).function(variant(), entry).parameterBytes();
      List<Integer> wanted = CudaAbi.of(spec()).stream().map(CudaAbi.Kind::bytes).toList();
      if (!found.equals(wanted)) {
        throw new UserKernelException(
            what + "the entry has " + found.size() + " parameters of " + found + " bytes, an entry for " + kernel + " has " + wanted.size() + " of " + wanted + ": " + signature(spec()));
      }
    } catch (UncheckedIOException e) {
      throw new UserKernelException(what + "cannot read the file: " + e.getCause(), e);
    } catch (CudaException e) {
      throw new UserKernelException(what + e.call() + ": " + remedy(e), e);
    }
  }

  /** What a user can do about an image that does not load. */
  static String remedy(CudaException e) {
    return switch (e.status()) {
      case 200 -> "the file is no image of a kernel: give PTX (nvcc -ptx), a cubin or a fat binary (nvcc -fatbin)";
      case 209 -> "the file has no machine code for this device and no PTX: compile with -ptx, or with -arch of this device";
      case 218 -> "the PTX does not compile for this device: see the log; compile it with nvcc -ptx -arch=compute_80";
      case 222 -> "the PTX is newer than the driver: compile it with an older nvcc, or update the driver";
      case 500 -> "the file has no entry of this name: declare it extern \"C\" __global__, and see 'cuobjdump -symbols' or the .entry lines of the PTX";
      default -> e.getMessage().substring(e.getMessage().indexOf(": ") + 2);
    };
  }

  /** The parameter list that an entry for an operation must have, in CUDA C++. */
  public static String signature(KernelSpec spec) {
    StringBuilder text = new StringBuilder("extern \"C\" __global__ void entry(");
    for (Param param : spec.params()) {
      boolean whole = param.type() == DType.I32;
      String type = param.type() == null ? "weight" : whole ? "int" : "float";
      text.append(param.buffer() ? (param.written() ? "" : "const ") + type + "* " : type + " ").append(param.name()).append(", ");
    }
    spec.params().stream().filter(p -> p.buffer() && p.axes().size() > 1).forEach(p -> text.append("int ").append(p.name()).append("_row, "));
    spec.axes().forEach(axis -> text.append("int ").append(axis).append(", "));
    return text.append("void* scratch)").toString();
  }
}
