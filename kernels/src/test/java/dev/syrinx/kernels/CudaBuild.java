package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the build left of each CUDA source: portable PTX, and ptxas's report of registers and memory. Tests of it are skipped where the
 * build had no nvcc.
 */
final class CudaBuild {
  /** Devices that plans are asked about: an A100, an H100 and an RTX 5090. */
  static final List<Gpu> GPUS = List.of(new Gpu(108, 80, 163 * 1024), Gpu.H100, new Gpu(170, 120, 99 * 1024));

  private static final Path REPORTS = Path.of(System.getProperty("basedir", "."), "target/cuda");
  private static final Path SOURCES = Path.of(System.getProperty("basedir", "."), "src/main/cuda");
  private static final Pattern ENTRY = Pattern.compile("\\.visible \\.entry (\\w+)\\(([^)]*)\\)");
  private static final Pattern PARAMETER = Pattern.compile("\\.param \\.(\\w+)");
  private static final Pattern USAGE = Pattern.compile(
      "Compiling entry function '(\\w+)' for '(\\w+)'.*?(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads"
          + ".*?Used (\\d+) registers([^\\n]*)",
      Pattern.DOTALL);
  private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

  private CudaBuild() {}

  /**
   * ptxas's report of an entry on one device.
   *
   * @param local bytes of stack and spills
   * @param shared bytes of static shared memory of a block
   */
  record Usage(String entry, String device, int local, int registers, int shared) {}

  /** Skips the test that calls where this build has no CUDA kernels. */
  static void required() {
    assumeTrue(Files.isDirectory(REPORTS), "this build had no nvcc: no CUDA kernels to look at");
  }

  /** Every case of a kernel with every storage type that the variant takes. */
  static List<Arguments> calls(KernelSpec spec, CudaVariant variant) {
    List<Arguments> calls = new ArrayList<>();
    for (Case c : spec.cases()) {
      for (DType dtype : spec.dtypes()) {
        Arguments a = Shaped.arguments(spec, c, dtype);
        if (variant.supports().test(a)) {
          calls.add(a);
        }
      }
    }
    return calls;
  }

  /** A variant and the declaration that it belongs to. */
  record Declared(KernelSpec spec, CudaVariant variant) {
    @Override
    public String toString() {
      return spec + " " + variant.name();
    }

    List<Arguments> calls() {
      return CudaBuild.calls(spec, variant);
    }

    Set<String> launched() {
      return CudaBuild.launched(spec, variant);
    }
  }

  /** All variants of the catalogue. */
  static Stream<Declared> variants() {
    return KernelCatalog.ALL.stream().flatMap(spec -> spec.cuda().stream().map(variant -> new Declared(spec, variant)));
  }

  /** The entries that a variant launches for any of its calls on any device. */
  static Set<String> launched(KernelSpec spec, CudaVariant variant) {
    return launches(spec, variant).map(Launch::entry).collect(Collectors.toCollection(TreeSet::new));
  }

  /** The launches of all of a variant's calls on all devices. */
  static Stream<Launch> launches(KernelSpec spec, CudaVariant variant) {
    return calls(spec, variant).stream().flatMap(a -> GPUS.stream().flatMap(gpu -> variant.plan().launches(a, gpu).stream()));
  }

  /** Parameter kinds of each entry of a source, from its PTX. */
  static Map<String, List<CudaAbi.Kind>> entries(String source) throws IOException {
    Map<String, List<CudaAbi.Kind>> entries = new HashMap<>();
    Matcher entry = ENTRY.matcher(read(REPORTS.resolve(source + ".ptx")));
    while (entry.find()) {
      List<CudaAbi.Kind> kinds = new ArrayList<>();
      Matcher parameter = PARAMETER.matcher(entry.group(2));
      while (parameter.find()) {
        kinds.add(kind(parameter.group(1)));
      }
      entries.put(entry.group(1), kinds);
    }
    return entries;
  }

  private static CudaAbi.Kind kind(String type) {
    return switch (type) {
      case "u64", "b64", "s64" -> CudaAbi.Kind.ADDRESS;
      case "u32", "b32", "s32" -> CudaAbi.Kind.INT;
      case "f32" -> CudaAbi.Kind.FLOAT;
      case "align" -> CudaAbi.Kind.WINDOW;
      default -> throw new IllegalStateException("no kind of parameter: " + type);
    };
  }

  /** ptxas's report of a source. */
  static List<Usage> usage(String source) throws IOException {
    List<Usage> list = new ArrayList<>();
    Matcher m = USAGE.matcher(read(REPORTS.resolve(source + ".usage")));
    while (m.find()) {
      int local = Integer.parseInt(m.group(3)) + Integer.parseInt(m.group(4)) + Integer.parseInt(m.group(5));
      Matcher shared = SHARED.matcher(m.group(7));
      int bytes = shared.find() ? Integer.parseInt(shared.group(1)) : 0;
      list.add(new Usage(m.group(1), m.group(2), local, Integer.parseInt(m.group(6)), bytes));
    }
    assertTrue(!list.isEmpty(), source + ": no entry in ptxas's report");
    return list;
  }

  /** Entries for which a source has a line {@code // Local memory of ENTRY: REASON}. */
  static Set<String> excused(String source) throws IOException {
    Set<String> entries = new LinkedHashSet<>();
    Matcher m = Pattern.compile("// Local memory of (\\w+): \\w").matcher(Files.readString(SOURCES.resolve(source + ".cu")));
    while (m.find()) {
      entries.add(m.group(1));
    }
    return entries;
  }

  /** Names of all sources. */
  static List<String> sources() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      return files.map(f -> SOURCES.relativize(f).toString().replace('\\', '/')).filter(f -> f.endsWith(".cu"))
          .map(f -> f.substring(0, f.length() - ".cu".length())).sorted().toList();
    }
  }

  private static String read(Path file) throws IOException {
    assertTrue(Files.exists(file), () -> file + " is missing: the variant's source is not there, or was not built");
    return Files.readString(file);
  }
}
