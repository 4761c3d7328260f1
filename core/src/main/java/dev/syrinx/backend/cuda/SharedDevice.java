package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.cuda.CudaContext;
import dev.syrinx.ffi.cuda.CudaDriver;
import dev.syrinx.ffi.cuda.CudaModule;
import dev.syrinx.ffi.cuda.CudaStream;
import dev.syrinx.kernels.Gpu;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What all backends on one context share: its stream, the memory pool and the modules of the class path. It goes with the last of them, in whatever order they are closed. */
final class SharedDevice {
  private final CudaContext context;
  private final CudaStream stream;
  private final DevicePool pool;
  private final CudaKernels source;
  private final Gpu gpu;
  private final Map<String, CudaModule> modules = new HashMap<>();
  private int users = 1;

  private SharedDevice(CudaContext context, CudaStream stream, long memoryBytes, CudaKernels source) {
    this.context = context;
    this.stream = stream;
    this.source = source;
    pool = new DevicePool(context, memoryBytes);
    gpu = new Gpu(context.device().multiprocessors(), context.device().major() * 10 + context.device().minor(), context.sharedBytes());
  }

  /** Opens a device for its first user. */
  static SharedDevice open(CudaDriver driver, CudaOptions options, CudaKernels source) {
    CudaContext context = CudaContext.open(driver, options.device());
    return new SharedDevice(context, CudaStream.create(context), options.memoryBytes(), source);
  }

  /** The same for one more user. */
  SharedDevice another() {
    users++;
    return this;
  }

  CudaContext context() {
    return context;
  }

  CudaStream stream() {
    return stream;
  }

  DevicePool pool() {
    return pool;
  }

  CudaKernels source() {
    return source;
  }

  Gpu gpu() {
    return gpu;
  }

  /** The module of a source, loaded when it is first asked for. */
  CudaModule module(String name) {
    CudaModule module = modules.get(name);
    if (module == null) {
      byte[] image = source.image(name).orElseThrow(() -> new CudaUnavailableException("the kernels of " + name + " are missing", CudaKernels.NOT_BUILT));
      module = CudaModule.load(context, name, image);
      modules.put(name, module);
    }
    return module;
  }

  /** What was loaded so far: kernels by source. */
  Map<String, Set<String>> loaded() {
    Map<String, Set<String>> all = new HashMap<>();
    modules.forEach((name, module) -> all.put(name, module.entries()));
    return all;
  }

  /** Loads kernels, those that there are. */
  void load(Map<String, Set<String>> kernels) {
    kernels.forEach((name, entries) -> {
      if (modules.containsKey(name) || source.image(name).isPresent()) {
        CudaModule module = module(name);
        entries.forEach(module::find);
      }
    });
  }

  /** A user goes. */
  void leave() {
    users--;
    if (users == 0) {
      modules.values().forEach(CudaModule::close);
      pool.close();
      stream.close();
      context.close();
    }
  }
}
