package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.cuda.ArgumentBlock;
import dev.syrinx.ffi.cuda.CudaException;
import dev.syrinx.ffi.cuda.CudaFunction;
import dev.syrinx.ffi.cuda.JCuda;
import dev.syrinx.ffi.cuda.KernelLauncher;
import dev.syrinx.ffi.cuda.PanamaLauncher;
import dev.syrinx.ffi.cuda.TensorMaps;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Launch;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;

/** How calls become launches in the stream: now, or when a recording is run. */
final class Launches implements AutoCloseable {
  /** Launches to devices of this capability may overlap. */
  private static final int EARLY = 90;

  private static final long SMALLEST_SCRATCH = 4L << 20;

  private final SharedDevice device;
  private final boolean overlap;
  private final KernelLauncher launcher;
  private final DeviceKernels kernels;
  private final Optional<LibraryGemm> library;
  private final BlockWriter writer;
  private Optional<FreeSpace.Piece> scratch = Optional.empty();
  private String last = "nothing";

  Launches(SharedDevice device, CudaOptions options, Arena arena) {
    this.device = device;
    overlap = options.fusion() && device.gpu().capability() >= EARLY;
    launcher = options.launcher() == CudaOptions.Launcher.JCUDA ? JCuda.launcher(device.context()) : new PanamaLauncher(device.context());
    kernels = new DeviceKernels(device, options, arena);
    writer = new BlockWriter(new TensorMaps(device.context()));
    library = LibraryGemm.open(options.gemm(), device, this, arena);
  }

  DeviceKernels kernels() {
    return kernels;
  }

  Gpu gpu() {
    return device.gpu();
  }

  /** Binding and library, for people. */
  String description(boolean graphs) {
    return launcher.name() + (graphs ? ", graphs" : ", no graphs") + library.map(l -> ", products by " + l.name()).orElse("");
  }

  /** What was started last: a fault is reported by whoever waits next. */
  String last() {
    return last;
  }

  /** Notes what is started next. */
  void next(String what) {
    last = what;
  }

  /** Starts a call. */
  void run(Arguments call, DeviceKernel kernel, CudaVariant variant) {
    if (LibraryGemm.is(variant)) {
      last = call.spec().name();
      library.orElseThrow().prepare(call, scratch(variant.scratch().applyAsLong(call))).run();
      return;
    }
    Plans.Plan plan = kernel.plan(call, variant, gpu());
    try {
      long space = scratch(plan.scratch());
      last = call.spec().name();
      for (int i = 0; i < plan.launches().size(); i++) {
        Launch launch = plan.launches().get(i);
        ArgumentBlock block = writer.write(call, space, launch, kernel.block(launch.windows().size()));
        launch(plan.functions().get(i), launch, early(variant), block);
      }
    } catch (CudaException e) {
      throw e.during(call.toString());
    }
  }

  /**
   * Adds a call to a recording.
   *
   * @param space scratch memory of the recording
   */
  void record(CudaRecording to, CudaRecording.Call call, CudaVariant variant, long space) {
    if (LibraryGemm.is(variant)) {
      to.add(library.orElseThrow().prepare(call.arguments(), space));
      return;
    }
    Plans.Plan plan = call.kernel().plan(call.arguments(), variant, gpu());
    for (int i = 0; i < plan.launches().size(); i++) {
      Launch launch = plan.launches().get(i);
      ArgumentBlock block = call.kernel().newBlock(to.arena(), launch.windows().size());
      to.add(plan.functions().get(i), launch, early(variant), writer.write(call.arguments(), space, launch, block));
    }
  }

  private long scratch(long bytes) {
    if (bytes == 0) {
      return 0;
    }
    if (scratch.isEmpty() || scratch.get().bytes() < bytes) {
      scratch.ifPresent(device.pool()::give);
      scratch = Optional.empty();
      scratch = Optional.of(device.pool().take(Math.max(bytes, SMALLEST_SCRATCH)));
    }
    return scratch.get().address();
  }

  /** Whether launches of a variant begin before those ahead of them have ended. */
  private boolean early(CudaVariant variant) {
    return variant.early() && overlap;
  }

  void launch(CudaFunction function, Launch launch, boolean early, ArgumentBlock block) {
    if (early) {
      launcher.launchEarly(function, launch.gridX(), launch.gridY(), launch.gridZ(), launch.threads(), launch.sharedBytes(), device.stream(), block);
    } else {
      launcher.launch(function, launch.gridX(), launch.gridY(), launch.gridZ(), launch.threads(), launch.sharedBytes(), device.stream(), block);
    }
  }


  @Override
  public void close() {
    library.ifPresent(LibraryGemm::close);
    kernels.close();
    scratch.ifPresent(device.pool()::give);
  }
}
