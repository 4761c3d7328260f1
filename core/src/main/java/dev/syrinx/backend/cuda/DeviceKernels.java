package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.cuda.CudaContext;
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
  private final CudaContext context;
  private final CudaOptions options;
  private final CudaKernels source;
  private final Arena arena;
  private final Optional<DeviceKernels> others;
  private final Map<String, CudaModule> modules = new HashMap<>();
  private final Map<KernelSpec, DeviceKernel> kernels = new HashMap<>();

  /** @param others kernels of the same context, whose modules are used where they come from the same source */
  DeviceKernels(CudaContext context, CudaOptions options, CudaKernels source, Arena arena, Optional<DeviceKernels> others) {
    this.context = context;
    this.options = options;
    this.source = source;
    this.arena = arena;
    this.others = others;
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
    Stream<CudaVariant> all = Stream.concat(library ? LibraryGemm.variants(options.gemm()).stream() : Stream.of(), source.variants(spec).stream());
    Stream<CudaVariant> theirs = options.kernels().stream().filter(k -> k.spec() == spec).map(UserKernel::variant);
    return Stream.concat(theirs, all).filter(v -> chosen == null || v.name().equals(chosen)).toList();
  }

  /** A function that belongs to no declaration. */
  CudaFunction function(String source, String entry) {
    return module(source).function(entry);
  }

  private CudaModule module(String name) {
    if (others.isPresent() && !UserKernel.isFile(name)) {
      return others.get().module(name);
    }
    CudaModule module = modules.get(name);
    if (module == null) {
      byte[] image = UserKernel.image(name).or(() -> source.image(name)).orElseThrow(() -> new CudaUnavailableException("the kernels of " + name + " are missing", CudaKernels.NOT_BUILT));
      module = CudaModule.load(context, name, image);
      modules.put(name, module);
    }
    return module;
  }

  @Override
  public void close() {
    modules.values().forEach(CudaModule::close);
  }
}
