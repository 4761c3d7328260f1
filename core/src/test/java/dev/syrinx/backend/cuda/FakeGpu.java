package dev.syrinx.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.syrinx.ffi.NativeLibrary;
import dev.syrinx.ffi.cuda.CudaDriver;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaAbi;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Lanes;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Param;
import dev.syrinx.kernels.Variant;
import dev.syrinx.kernels.View;
import dev.syrinx.kernels.activation.Activation;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A device that is none: the stand-in driver of module ffi, whose kernels are the CPU bodies, called back with the parameters that were launched. What runs here has gone through
 * device addresses, parameter blocks, launches and recordings as it would on a GPU.
 */
public final class FakeGpu implements CudaKernels {
  private static final String FINISH_SOURCE = "library/product";
  private static final String FINISH = "product_finish";

  private final NativeLibrary library;
  private final Arena arena = Arena.ofAuto();

  private FakeGpu(NativeLibrary library) {
    this.library = library;
  }

  /** Builds it in the folder with the machine's C compiler; the test is skipped where there is none. */
  public static FakeGpu build(Path folder, String... macros) throws Exception {
    boolean compiler = Stream.of(System.getenv("PATH").split(File.pathSeparator)).anyMatch(bin -> Files.isExecutable(Path.of(bin, "gcc")));
    assumeTrue(compiler, "gcc is not on the path: the CUDA engine is not tested against a stand-in");
    Path source = folder.resolve("fake_driver.c");
    try (InputStream in = FakeGpu.class.getResourceAsStream("/dev/syrinx/ffi/cuda/fake_driver.c")) {
      Files.write(source, in.readAllBytes());
    }
    Path target = folder.resolve("libfake.so");
    List<String> command = new ArrayList<>(List.of("gcc", "-shared", "-fPIC", "-o", target.toString(), source.toString()));
    Stream.of(macros).map(macro -> "-D" + macro).forEach(command::add);
    Process gcc = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, gcc.waitFor(), output);
    FakeGpu made = new FakeGpu(NativeLibrary.open(Arena.ofAuto(), "the fake driver", List.of(target.toString())));
    made.listen();
    return made;
  }

  /** Builds a stand-in for cuBLASLt, too, under the name that is looked for. */
  static void buildCublasLt(Path folder) throws Exception {
    Path source = folder.resolve("fake_cublaslt.c");
    try (InputStream in = FakeGpu.class.getResourceAsStream("/dev/syrinx/ffi/cuda/fake_cublaslt.c")) {
      Files.write(source, in.readAllBytes());
    }
    Process gcc = new ProcessBuilder("gcc", "-shared", "-fPIC", "-o", folder.resolve("libcublasLt.so.13").toString(), source.toString()).redirectErrorStream(true).start();
    String output = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, gcc.waitFor(), output);
  }

  /** Opens it. */
  public CudaBackend open(CudaOptions options) {
    return open(options, this);
  }

  CudaBackend open(CudaOptions options, CudaKernels kernels) {
    return CudaBackend.open(CudaDriver.probe(library), options, kernels);
  }

  /** What the driver was asked since the last call of this, one line each. */
  public List<String> log() {
    try {
      MemorySegment text =
          (MemorySegment) Linker.nativeLinker().downcallHandle(library.find("fake_log").orElseThrow(), FunctionDescriptor.of(ValueLayout.ADDRESS)).invokeExact();
      List<String> lines = text.reinterpret(1 << 20).getString(0).lines().toList();
      Linker.nativeLinker().downcallHandle(library.find("fake_clear").orElseThrow(), FunctionDescriptor.ofVoid()).invokeExact();
      return lines;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private void listen() throws ReflectiveOperationException {
    MethodType type = MethodType.methodType(void.class, MemorySegment.class, MemorySegment.class);
    FunctionDescriptor c = FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.ADDRESS);
    MemorySegment handler = Linker.nativeLinker().upcallStub(MethodHandles.lookup().findStatic(FakeGpu.class, "launched", type), c, arena);
    try {
      Linker.nativeLinker().downcallHandle(library.find("fake_handler").orElseThrow(), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS)).invokeExact(handler);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  // ---- kernels

  @Override
  public List<CudaVariant> variants(KernelSpec spec) {
    // Entries tell the type of weights alone.
    return List.of(CudaVariant.of(spec.name(), (a, gpu) -> List.of(Launch.row(spec.name() + "/" + weights(a), 1, 32))).onlyIf(a -> !a.halves()));
  }

  /** Entries know the type of their weights by name, as real ones do. */
  private static DType weights(Arguments a) {
    return a.spec().params().stream().filter(p -> p.buffer() && p.type() == null && a.has(p.name())).map(p -> a.dtype(p.name())).findFirst().orElse(DType.F32);
  }

  @Override
  public Optional<byte[]> image(String source) {
    if (source.equals(FINISH_SOURCE)) {
      return Optional.of(("FAKE\n" + FINISH + " AAAAIIIIIIIIF\n").getBytes(StandardCharsets.UTF_8));
    }
    if (KernelCatalog.ALL.stream().noneMatch(spec -> spec.name().equals(source))) {
      return Optional.empty(); // a file of machine code, which this device has not
    }
    String kinds = CudaAbi.of(KernelCatalog.named(source)).stream().map(kind -> kind.name().substring(0, 1)).collect(Collectors.joining());
    String lines = Stream.of(DType.values()).map(type -> source + "/" + type + " " + kinds + "\n").collect(Collectors.joining());
    return Optional.of(("FAKE\n" + lines).getBytes(StandardCharsets.UTF_8));
  }

  /** Called by the driver: an entry's name, and pointers to its parameters. */
  private static void launched(MemorySegment name, MemorySegment parameters) {
    try {
      String[] entry = name.reinterpret(Long.MAX_VALUE).getString(0).split("/");
      if (entry[0].equals(FINISH)) {
        finish(parameters.reinterpret(13 * 8));
        return;
      }
      if (entry[0].equals("idle")) {
        return;
      }
      KernelSpec spec = KernelCatalog.named(entry[0]);
      run(arguments(spec, DType.valueOf(entry[1]), parameters));
    } catch (RuntimeException | Error e) {
      e.printStackTrace(); // an exception must not leave an upcall: it would end the process
    }
  }

  /** What follows a library's product: see {@code library/product.cu}. */
  private static void finish(MemorySegment p) {
    MemorySegment all = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    long[] a = new long[4];
    int[] v = new int[8];
    for (int i = 0; i < 12; i++) {
      MemorySegment value = p.getAtIndex(ValueLayout.ADDRESS, i).reinterpret(8);
      if (i < 4) {
        a[i] = value.get(ValueLayout.JAVA_LONG, 0);
      } else {
        v[i - 4] = value.get(ValueLayout.JAVA_INT, 0);
      }
    }
    float alpha = p.getAtIndex(ValueLayout.ADDRESS, 12).reinterpret(4).get(ValueLayout.JAVA_FLOAT, 0);
    for (int row = 0; row < v[0] * v[1]; row++) {
      int b = row / v[1];
      int m = row % v[1];
      for (int n = 0; n < v[2]; n++) {
        long y = 4L * (b * v[6] + m * v[5] + n);
        float sum = all.get(ValueLayout.JAVA_FLOAT_UNALIGNED, a[0] + 4L * (b * v[4] + m * v[3] + n));
        float bias = a[1] == 0 ? 0 : all.get(ValueLayout.JAVA_FLOAT_UNALIGNED, a[1] + 4L * n);
        float residual = a[2] == 0 ? 0 : all.get(ValueLayout.JAVA_FLOAT_UNALIGNED, a[2] + y);
        all.set(ValueLayout.JAVA_FLOAT_UNALIGNED, a[3] + y, (float) (residual + alpha * Activation.of(v[7]).apply((double) sum + bias)));
      }
    }
  }

  private static Arguments arguments(KernelSpec spec, DType weights, MemorySegment parameters) {
    List<CudaAbi.Kind> kinds = CudaAbi.of(spec);
    MemorySegment pointers = parameters.reinterpret(8L * kinds.size());
    List<Number> values = new ArrayList<>();
    for (int i = 0; i < kinds.size(); i++) {
      MemorySegment value = pointers.getAtIndex(ValueLayout.ADDRESS, i).reinterpret(8);
      values.add(switch (kinds.get(i)) {
        case ADDRESS -> value.get(ValueLayout.JAVA_LONG, 0);
        case INT -> value.get(ValueLayout.JAVA_INT, 0);
        case FLOAT -> value.get(ValueLayout.JAVA_FLOAT, 0);
        case WINDOW -> throw new IllegalStateException("a declaration has no windows");
      });
    }
    Arguments a = spec.arguments();
    int stride = spec.params().size();
    int extents = stride + (int) spec.params().stream().filter(p -> p.buffer() && p.axes().size() > 1).count();
    for (int i = 0; i < spec.params().size(); i++) {
      Param param = spec.params().get(i);
      if (!param.buffer()) {
        scalar(a, param, values.get(i));
        continue;
      }
      int[] shape = param.axes().stream().mapToInt(axis -> values.get(extents + spec.axes().indexOf(axis)).intValue()).toArray();
      long rowStride = param.axes().size() > 1 ? values.get(stride++).longValue() : 1;
      if (values.get(i).longValue() != 0) {
        View view = View.strided(MemorySegment.NULL, param.type() == null ? weights : param.type(), rowStride, shape);
        a.set(param.name(), view.at(MemorySegment.ofAddress(values.get(i).longValue()).reinterpret(view.spanBytes())));
      }
    }
    return a.checked();
  }

  private static void scalar(Arguments a, Param param, Number value) {
    if (param.type() == DType.I32) {
      a.set(param.name(), value.intValue());
    } else {
      a.set(param.name(), value.floatValue());
    }
  }

  /** Vector bodies where there are some, because the references take minutes for a model; they get their weights as they want them. */
  private static void run(Arguments a) {
    Variant variant = a.spec().vector().filter(v -> Lanes.available()).orElse(a.spec().reference());
    try (Arena arena = Arena.ofConfined()) {
      Arguments call = a.copy();
      variant.layouts().forEach((param, layout) -> {
        View plain = a.view(param);
        MemorySegment packed = arena.allocate(layout.bytes(plain.dtype(), plain.shape()), 64);
        layout.pack(plain, packed);
        call.set(param, View.packed(packed, plain.dtype(), layout, plain.shape()));
      });
      call.checked();
      Variant chosen = variant.supports().test(call) ? variant : a.spec().reference();
      Arguments given = chosen == variant ? call : a;
      chosen.body().run(given, 0, chosen.units().applyAsInt(given), arena.allocate(Math.max(64, chosen.scratch().applyAsLong(given)), 64));
    }
  }
}
