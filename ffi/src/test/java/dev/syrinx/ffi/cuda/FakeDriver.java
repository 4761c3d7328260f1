package dev.syrinx.ffi.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.syrinx.ffi.NativeLibrary;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Builds stand-in driver libraries with the machine's C compiler; a test that needs one is skipped where there is none. */
public final class FakeDriver {
  private FakeDriver() {}

  /** A driver with the given macros of {@code fake_driver.c}, built in the folder. */
  public static NativeLibrary build(Path folder, String... macros) throws IOException, InterruptedException {
    return NativeLibrary.open(Arena.ofAuto(), "the fake driver", List.of(compile(folder, "fake_driver.c", "libfake.so", macros).toString()));
  }

  /** The same for the life of the process, under the name by which other libraries ask for the driver. */
  static NativeLibrary buildForAll(Path folder) throws IOException, InterruptedException {
    return NativeLibrary.open(Arena.global(), "the fake driver", List.of(compile(folder, "fake_driver.c", "libcuda.so.1").toString()));
  }

  /** A stand-in for cuBLASLt, to go with it. */
  public static NativeLibrary cublasLt(Path folder) throws IOException, InterruptedException {
    return NativeLibrary.open(Arena.ofAuto(), "the fake cuBLASLt", List.of(compile(folder, "fake_cublaslt.c", "libcublasLt-fake.so").toString()));
  }

  private static Path compile(Path folder, String file, String name, String... macros) throws IOException, InterruptedException {
    boolean compiler = Stream.of(System.getenv("PATH").split(File.pathSeparator)).anyMatch(bin -> Files.isExecutable(Path.of(bin, "gcc")));
    assumeTrue(compiler, "gcc is not on the path: the driver bindings are not tested against a stand-in");
    Path source = folder.resolve(file);
    try (InputStream in = FakeDriver.class.getResourceAsStream(file)) {
      Files.write(source, in.readAllBytes());
    }
    Path target = folder.resolve(name);
    List<String> command = new ArrayList<>(List.of("gcc", "-shared", "-fPIC", "-Wl,-soname," + name, "-o", target.toString(), source.toString()));
    Stream.of(macros).map(macro -> "-D" + macro).forEach(command::add);
    Process gcc = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, gcc.waitFor(), output);
    return target;
  }

  /** What the driver was asked since the last call of this, one line each. */
  static List<String> log(NativeLibrary driver) {
    try {
      MemorySegment text =
          (MemorySegment) Linker.nativeLinker().downcallHandle(driver.find("fake_log").orElseThrow(), FunctionDescriptor.of(ValueLayout.ADDRESS)).invokeExact();
      List<String> lines = text.reinterpret(1 << 20).getString(0).lines().toList();
      Linker.nativeLinker().downcallHandle(driver.find("fake_clear").orElseThrow(), FunctionDescriptor.ofVoid()).invokeExact();
      return lines;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
