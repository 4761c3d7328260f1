package dev.syrinx.backend.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code fused/decode_program.cu} compiled for the CPU, all blocks of its grid at once. */
final class EmulatedDecodeProgram {
  private static final Path BASE = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();
  private static final Path KERNELS = BASE.resolveSibling("kernels/src");
  private static final Path LIBRARY = BASE.resolve("target/emulated/decode_program.so");
  private static final List<String> ENTRIES = List.of("decode_program_f32", "decode_program_f16", "decode_program_bf16", "decode_program_i8");
  private static final FunctionDescriptor LAUNCH =
      FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);

  private final MethodHandle launch =
      Linker.nativeLinker().downcallHandle(SymbolLookup.libraryLookup(LIBRARY, Arena.global()).findOrThrow("launch"), LAUNCH);

  private EmulatedDecodeProgram() {}

  /** Compiles where there is a C++ compiler. */
  static Optional<EmulatedDecodeProgram> make() throws IOException, InterruptedException {
    String path = System.getenv().getOrDefault("PATH", "");
    Optional<Path> compiler =
        Stream.of("g++", "clang++").flatMap(name -> Stream.of(path.split(":", -1)).map(folder -> Path.of(folder, name))).filter(Files::isExecutable).findFirst();
    if (compiler.isPresent() && stale()) {
      compile(compiler.get());
    }
    return compiler.map(found -> new EmulatedDecodeProgram());
  }

  private static boolean stale() throws IOException {
    if (!Files.exists(LIBRARY)) {
      return true;
    }
    long made = LIBRARY.toFile().lastModified();
    try (Stream<Path> files = Stream.concat(Files.walk(KERNELS.resolve("main/cuda")), Files.walk(KERNELS.resolve("test/cuda")))) {
      return files.anyMatch(file -> file.toFile().lastModified() > made);
    }
  }

  private static void compile(Path compiler) throws IOException, InterruptedException {
    Files.createDirectories(LIBRARY.getParent());
    Path log = LIBRARY.resolveSibling("decode_program.log");
    Path tests = KERNELS.resolve("test/cuda");
    Process process = new ProcessBuilder(
            compiler.toString(), "-std=c++20", "-O1", "-shared", "-fPIC", "-Wno-unknown-pragmas", "-D__CUDA_ARCH__=900", "-I" + tests, "-I" + KERNELS.resolve("main/cuda"),
            "-include", "emulator.h", tests.resolve("decode_program.cpp").toString(), "-o", LIBRARY.toString())
        .redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException("the decode program does not compile for the CPU: " + Files.readString(log));
    }
  }

  /** Runs a program whose addresses are the host's, so many times. */
  void run(DecodeProgram program, int blocks, int times) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment counter = arena.allocate(4L * DecodeProgram.COUNTERS, 4);
      MemorySegment exchange = arena.allocate(2 * 4L * program.exchangeFloats(), 16);
      for (long i = 0; i < 2L * program.exchangeFloats(); i++) {
        exchange.setAtIndex(JAVA_INT, i, Exchange.NOTHING);
      }
      MemorySegment code = arena.allocate((long) program.instructions().size() * Instruction.BYTES, 16);
      program.write(code);
      for (int i = 0; i < times; i++) {
        launch.invokeExact(
            code, program.instructions().size(), counter, exchange, program.exchangeFloats(), program.stages(), program.operandBytes(),
            ENTRIES.indexOf(program.entry()), blocks, program.sharedBytes());
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
