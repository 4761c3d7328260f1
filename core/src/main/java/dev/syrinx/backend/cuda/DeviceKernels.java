package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.cuda.CudaFunction;
import dev.syrinx.ffi.cuda.CudaModule;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.gemm.Gemm;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Kernels of a device, loaded when first used. */
final class DeviceKernels implements AutoCloseable {
  private final SharedDevice device;
  private final CudaOptions options;
  private final Arena arena;
  /** Of somebody's files: the others belong to the device. */
  private final Map<String, CudaModule> files = new HashMap<>();
  private final Map<KernelSpec, DeviceKernel> kernels = new HashMap<>();

  DeviceKernels(SharedDevice device, CudaOptions options, Arena arena) {
    this.device = device;
    this.options = options;
    this.arena = arena;
  }

  DeviceKernel of(KernelSpec spec) {
    DeviceKernel kernel = kernels.get(spec);
    if (kernel == null) {
      kernel = new DeviceKernel(spec, choice(spec), arena, this::module);
      kernels.put(spec, kernel);
    }
    return kernel;
  }

  private List<CudaVariant> choice(KernelSpec spec) {
    String chosen = options.variants().get(spec.name());
    boolean library = spec == Gemm.SPEC && options.gemm() != CudaOptions.Gemm.OWN;
    Stream<CudaVariant> all = Stream.concat(library ? LibraryGemm.variants(options.gemm()).stream() : Stream.of(), device.source().variants(spec).stream());
    Stream<CudaVariant> theirs = options.kernels().stream().filter(k -> k.spec() == spec).map(UserKernel::variant);
    return Stream.concat(theirs, all).filter(v -> chosen == null || v.name().equals(chosen)).toList();
  }

  /** A function that belongs to no declaration. */
  CudaFunction function(String source, String entry) {
    return module(source).function(entry);
  }

  private CudaModule module(String name) {
    Optional<byte[]> image = files.containsKey(name) ? Optional.empty() : UserKernel.image(name);
    image.ifPresent(file -> files.put(name, CudaModule.load(device.context(), name, file)));
    CudaModule file = files.get(name);
    return file == null ? device.module(name) : file;
  }

  @Override
  public void close() {
    files.values().forEach(CudaModule::close);
  }
}
