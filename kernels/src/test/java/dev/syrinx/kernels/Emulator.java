package dev.syrinx.kernels;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** CUDA sources compiled for the CPU with src/test/cuda/emulator.h, and launches of their entries. */
final class Emulator {
  private static final Path BASE = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();
  private static final int SEED = 20_251;
  private static final FunctionDescriptor LAUNCH = FunctionDescriptor.ofVoid(ADDRESS, ADDRESS);

  private Emulator() {}

  /** The C++ compiler of this machine, if it has one. */
  static Optional<Path> compiler() {
    String path = System.getenv().getOrDefault("PATH", "");
    List<String> folders = List.of(path.split(":", -1));
    Stream<Path> files = Stream.of("g++", "clang++").flatMap(name -> folders.stream().map(folder -> Path.of(folder, name)));
    return files.filter(Files::isExecutable).findFirst();
  }

  /** Whether a source's library is older than the source or any header. */
  static boolean stale(String source) throws IOException {
    if (!Files.exists(library(source))) {
      return true;
    }
    FileTime made = Files.getLastModifiedTime(library(source));
    try (Stream<Path> files = Stream.concat(Files.walk(BASE.resolve("src/main/cuda")), Files.walk(BASE.resolve("src/test/cuda")))) {
      return files.filter(file -> file.toString().endsWith("h") || file.endsWith(source + ".cu"))
          .anyMatch(file -> file.toFile().lastModified() > made.toMillis());
    }
  }

  /** Starts to compile a source into a library. */
  static Process compile(Path compiler, String source, Set<String> entries) throws IOException {
    Path file = BASE.resolve("target/emulated/" + source + ".cpp");
    Files.createDirectories(file.getParent());
    StringBuilder text = new StringBuilder("#include \"" + source + ".cu\"\n");
    for (String entry : entries) {
      text.append("extern \"C\" void launch_").append(entry).append("(const int64_t* values, int* grid) {\n");
      text.append("  emulator::launch(").append(entry).append(", values, grid);\n}\n");
    }
    Files.writeString(file, text);
    List<String> command = List.of(
        compiler.toString(), "-std=c++20", "-O1", "-fno-strict-aliasing", "-shared", "-fPIC", "-Wno-unknown-pragmas", "-I" + BASE.resolve("src/test/cuda"),
        "-I" + BASE.resolve("src/main/cuda"), "-include", "emulator.h", file.toString(), "-o", library(source).toString());
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log(source).toFile()).start();
  }

  /** Waits for a compilation and reports what it said if it failed. */
  static void finish(String source, Process compilation) throws IOException, InterruptedException {
    if (!compilation.waitFor(2, TimeUnit.MINUTES) || compilation.exitValue() != 0) {
      compilation.destroyForcibly();
      throw new IllegalStateException(source + " does not compile for the CPU: " + Files.readString(log(source)));
    }
  }

  private static Path log(String source) {
    return BASE.resolve("target/emulated/" + source + ".log");
  }

  private static Path library(String source) {
    return BASE.resolve("target/emulated/" + source + ".so");
  }

  /** The variant as a body of one unit on the CPU. */
  static Variant variant(CudaVariant cuda, Set<String> entries, boolean random) {
    SymbolLookup library = SymbolLookup.libraryLookup(library(cuda.source()), Arena.global());
    Map<String, MethodHandle> handles = new HashMap<>();
    entries.forEach(entry -> handles.put(entry, Linker.nativeLinker().downcallHandle(library.findOrThrow("launch_" + entry), LAUNCH)));
    Body body = (a, begin, end, scratch) -> {
      if (begin < end) {
        cuda.plan().launches(a, Gpu.H100).forEach(launch -> launch(handles.get(launch.entry()), launch, a, scratch, random, cuda.early()));
      }
    };
    String name = cuda.name() + (random ? " random" : " in order");
    return new Variant(name, Variant.Target.SCALAR, a -> 1, cuda.scratch(), cuda.layouts(), cuda.supports(), body);
  }

  private static void launch(MethodHandle handle, Launch launch, Arguments a, MemorySegment scratch, boolean random, boolean early) {
    List<Long> values = new ArrayList<>();
    CudaAbi.write(a, scratch.address(), new CudaAbi.Sink() {
      @Override
      public void address(long value) {
        values.add(value);
      }

      @Override
      public void integer(int value) {
        values.add((long) value);
      }

      @Override
      public void real(float value) {
        values.add((long) Float.floatToRawIntBits(value));
      }
    });
    try (Arena arena = Arena.ofConfined()) {
      launch.windows().forEach(w -> values.add(arena.allocateFrom(
          JAVA_LONG, w.address(a, scratch.address()), w.columns(), w.rows(), w.batches(), w.rowStride(), w.batchStride(), w.boxRows(), 0, 0, 0, 0, 0, 0, 0, 0, 0).address()));
      MemorySegment block = arena.allocateFrom(JAVA_LONG, values.stream().mapToLong(Long::longValue).toArray());
      int seed = random ? SEED : 0;
      MemorySegment grid = arena.allocateFrom(JAVA_INT, launch.gridX(), launch.gridY(), launch.gridZ(), launch.threads(), seed, launch.sharedBytes(), 0);
      handle.invokeExact(block, grid);
      if (early && grid.getAtIndex(JAVA_INT, 6) == 0) {
        throw new IllegalStateException(launch + " may begin early, and not all of its threads wait for what was launched before");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("launch of " + launch, e);
    }
  }
}
