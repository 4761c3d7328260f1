package dev.syrinx.backend.cuda;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Replay;
import dev.syrinx.ffi.NativeException;
import dev.syrinx.ffi.Probe;
import dev.syrinx.ffi.cuda.CudaContext;
import dev.syrinx.ffi.cuda.CudaDriver;
import dev.syrinx.ffi.cuda.CudaException;
import dev.syrinx.ffi.cuda.CudaStream;
import dev.syrinx.ffi.cuda.RehearsalDriver;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Layout;
import dev.syrinx.kernels.gemm.GatedGemm;
import dev.syrinx.kernels.gemm.GatedGemmCuda;
import dev.syrinx.kernels.gemm.KeptGemm;
import dev.syrinx.kernels.gemm.KeptGemmCuda;
import dev.syrinx.kernels.gemm.MirroredGemm;
import dev.syrinx.kernels.gemm.MirroredGemmCuda;
import dev.syrinx.kernels.gemm.NormedGemm;
import dev.syrinx.kernels.gemm.NormedGemmCuda;
import dev.syrinx.kernels.gemm.RotaryGemm;
import dev.syrinx.kernels.gemm.RotaryGemmCuda;
import dev.syrinx.tensor.Workspace;
import dev.syrinx.trace.KernelEvent;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs kernels on a CUDA device, in the order of one stream. One caller at a time, from any thread.
 *
 * <p>Long, because it has a method for each thing a backend may be asked, each a few lines; the work is in SharedDevice, Launches and Recordings.
 */
public final class CudaBackend implements Backend {
  private static final Logger LOG = LoggerFactory.getLogger(CudaBackend.class);

  /** Blocks of the workspace: a whole decoding step fits into one. */
  private static final long WORKSPACE_BLOCK = 32L << 20;

  /** Devices of this capability multiply 16-bit matrices on tensor cores. */
  private static final int TENSOR_CORES = 80;

  private static final int HOPPER = 90;

  /** Of a tile that keeps its matrix units busy. */
  private static final int HOPPER_COLUMNS = 96;

  /** Kernels between products whose other variants take float32 only. */
  private static final Set<String> HALF_KERNELS = Set.of("gemm", "attention");

  private static final long STAGING = 8L << 20;

  private final CudaOptions options;
  private final SharedDevice device;
  private final Workspace workspace;
  private final Runnable relief;
  private final Staging staging;
  private final Launches launches;
  private final Recordings recordings;
  private final Arena arena = Arena.ofShared();
  private final Optional<KernelWatch> watch;
  private boolean closed;
  private boolean rehearsal;

  private CudaBackend(SharedDevice device, CudaOptions options) {
    this.options = options;
    this.device = device;
    launches = new Launches(device, options, arena);
    staging = new Staging(device.context(), device.stream(), STAGING);
    workspace = new Workspace(device.pool().blocks(), WORKSPACE_BLOCK);
    relief = workspace::trim;
    device.pool().relievedBy(relief);
    watch = options.kernels().isEmpty() ? Optional.empty() : Optional.of(new KernelWatch(this));
    recordings = new Recordings(device, launches, staging, options, this::replayed);
  }

  /** A backend on a device that counts it as a user, whatever comes of it. */
  private static CudaBackend on(SharedDevice device, CudaOptions options) {
    CudaBackend made;
    try {
      made = new CudaBackend(device, options);
    } catch (RuntimeException e) {
      device.leave();
      throw e;
    }
    options.kernels().forEach(made::load);
    return made;
  }

  /**
   * Another way of using the same device, with the weights that lie there: for comparing options without loading a model again. Its work is in the order of the same stream, and its
   * memory is counted with this one's; the device is closed with the last of them.
   *
   * @param other its device and limit of memory are this one's
   */
  public CudaBackend beside(CudaOptions other) {
    enter();
    CudaOptions checked = other.withMemory(options.memoryBytes()).checked();
    return on(device.another(), checked);
  }

  /** Loads somebody's kernel, so that what is wrong with it is said before anything runs. */
  private void load(UserKernel kernel) {
    try {
      kernel.load(launches.kernels());
    } catch (UserKernelException e) {
      close();
      throw e;
    }
  }

  /** Kernels that were loaded so far, by source: what another backend may be told to {@link #load}. */
  public Map<String, Set<String>> loaded() {
    return device.loaded();
  }

  /** Loads kernels before they are asked for, which the device would wait for; those that this backend has not are left out. */
  public void load(Map<String, Set<String>> kernels) {
    enter();
    device.load(kernels);
  }

  /** Times of somebody's kernels beside this project's on the calls that were made, if there are such kernels. */
  public Optional<KernelWatch> watch() {
    return watch;
  }

  /**
   * Opens a device of this machine with the kernels of the class path.
   *
   * @throws CudaUnavailableException if that is not possible, saying why
   */
  public static CudaBackend open(CudaOptions options) {
    return open(CudaDriver.probe(), options, CudaKernels.packed());
  }

  /** The same with a given driver and given kernels. */
  public static CudaBackend open(Probe<CudaDriver> probe, CudaOptions options, CudaKernels source) {
    return switch (probe) {
      case Probe.Absent<CudaDriver>(String reason, String remedy) -> throw new CudaUnavailableException("no CUDA: " + reason, remedy);
      case Probe.Present<CudaDriver>(CudaDriver driver) -> {
        try {
          CudaOptions checked = options.checked();
          yield on(SharedDevice.open(driver, checked, source), checked);
        } catch (NativeException e) {
          throw new CudaUnavailableException("cuda:" + options.device() + " cannot be used: " + e.getMessage(), e);
        }
      }
    };
  }

  /**
   * A device that computes nothing and takes addresses from a driver that plays one: for counting memory.
   *
   * @param options products and launcher are taken as the engine's own, which changes no memory but the library's workspace
   */
  public static CudaBackend rehearse(RehearsalDriver driver, CudaOptions options) {
    return rehearse(driver, options, CudaKernels.packed());
  }

  /** The same with given kernels. */
  public static CudaBackend rehearse(RehearsalDriver driver, CudaOptions options, CudaKernels packed) {
    CudaKernels unbuilt = new CudaKernels() {
      @Override
      public List<CudaVariant> variants(KernelSpec spec) {
        return packed.variants(spec);
      }

      @Override
      public Optional<byte[]> image(String source) {
        return Optional.of(new byte[] {0});
      }
    };
    CudaBackend made = open(driver.probe(), options.withGemm(CudaOptions.Gemm.OWN).withLauncher(CudaOptions.Launcher.PANAMA), unbuilt);
    made.rehearsal = true;
    return made;
  }

  @Override
  public boolean worksAlone() {
    return true;
  }

  @Override
  public boolean rehearsal() {
    return rehearsal;
  }

  /** Why {@link #open} of the first device is not worth trying; empty if it is. */
  public static Optional<String> obstacle(CudaKernels source) {
    return switch (CudaDriver.probe()) {
      case Probe.Absent<CudaDriver>(String reason, String remedy) -> Optional.of(reason);
      case Probe.Present<CudaDriver>(CudaDriver driver) -> driver.devices().isEmpty() ? Optional.of("the driver lists no GPU") : source.gap();
    };
  }

  @Override
  public String description() {
    return device.context() + ", " + gpu().multiprocessors() + " multiprocessors, " + launches.description(options.graphs());
  }

  /** What launch geometry depends on. */
  public Gpu gpu() {
    return device.gpu();
  }

  /** Size of the device's second-level cache. */
  public long cacheBytes() {
    return device.context().l2Bytes();
  }

  // ---- memory

  @Override
  public MemorySegment allocate(long bytes) {
    enter();
    return device.pool().permanent(bytes);
  }

  @Override
  public MemorySegment temporary(long bytes) {
    enter();
    return memory().allocate(bytes);
  }

  @Override
  public Scope scope() {
    Workspace.Scope scope = memory().scope();
    return () -> {
      scope.close();
      if (workspace.empty()) {
        enter();
        device.pool().recover();
      }
    };
  }

  @Override
  public Reserved reserve(long bytes) {
    enter();
    FreeSpace.Piece memory = device.pool().take(bytes);
    return new Reserved(MemorySegment.ofAddress(memory.address()), () -> device.pool().give(memory));
  }

  @Override
  public Poll poll(MemorySegment from, int bytes, int depth) {
    enter();
    return new StreamPoll(device.context(), device.stream(), from.address(), bytes, depth);
  }

  private Workspace memory() {
    return recordings.open().map(CudaRecording::memory).orElse(workspace);
  }

  @Override
  public void upload(MemorySegment from, MemorySegment to) {
    enter();
    staging.upload(from, to.address());
  }

  @Override
  public void download(MemorySegment from, MemorySegment to) {
    enter();
    try {
      staging.download(from.address(), to);
    } catch (CudaException e) {
      throw e.after(launches.last());
    }
  }

  /** A copy of device memory that stays. */
  MemorySegment duplicate(MemorySegment from, long bytes) {
    MemorySegment made = allocate(bytes);
    device.stream().copyOnDevice(from.address(), made.address(), bytes);
    return made;
  }

  @Override
  public long reservedBytes() {
    return device.pool().bytes();
  }

  /** Bytes that were handed out for as long as the backend lives: weights. */
  public long permanentBytes() {
    return device.pool().permanentBytes();
  }

  /** What is in use on the whole device, by other processes, the driver and loaded kernels, too. */
  public long deviceBytes() {
    enter();
    CudaContext.Memory memory = device.context().memory();
    return memory.total() - memory.free();
  }

  /** Most bytes of device memory held so far. */
  public long peakBytes() {
    return device.pool().peak();
  }

  /** Bytes in use: what is held without what waits to be used again. */
  public long usedBytes() {
    return device.pool().used();
  }

  /** Most bytes in use since {@link #forgetUse}. */
  public long mostUsedBytes() {
    return device.pool().mostUsed();
  }

  /** Begins to look for the most bytes in use anew. */
  public void forgetUse() {
    device.pool().forgetUse();
  }

  // ---- kernels

  @Override
  public Layout layout(KernelSpec spec, String param) {
    return launches.kernels().of(spec).layout(param);
  }

  @Override
  public boolean narrowProducts() {
    return gpu().capability() >= TENSOR_CORES;
  }

  /** Halves, unless somebody asks for kernels that do not read them. */
  @Override
  public DType factors(DType weights) {
    boolean own = options.gemm() == CudaOptions.Gemm.OWN && Collections.disjoint(options.variants().keySet(), HALF_KERNELS);
    return weights == DType.F16 && narrowProducts() && own ? DType.F16 : DType.F32;
  }

  /** Halves beside narrow weights: the kernel for a whole step reads nothing else there. */
  @Override
  public DType cache(DType weights) {
    return weights == DType.F32 ? DType.F32 : DType.F16;
  }

  @Override
  public int wideColumns() {
    return gpu().capability() == HOPPER ? HOPPER_COLUMNS : 0;
  }

  @Override
  public boolean fuses(Arguments call) {
    boolean own = options.gemm() == CudaOptions.Gemm.OWN && !options.variants().containsKey("gemm") && options.kernels().isEmpty();
    if (!own || !options.fusion()) {
      return false;
    }
    return call.spec() == GatedGemm.SPEC && GatedGemmCuda.pays(call, gpu()) || call.spec() == RotaryGemm.SPEC && RotaryGemmCuda.pays(call, gpu())
        || call.spec() == KeptGemm.SPEC && KeptGemmCuda.pays(call, gpu()) || call.spec() == MirroredGemm.SPEC && MirroredGemmCuda.pays(call, gpu())
        || call.spec() == NormedGemm.SPEC && NormedGemmCuda.pays(call, gpu());
  }

  @Override
  public void run(Arguments call) {
    DeviceKernel kernel = launches.kernels().of(call.spec());
    CudaVariant variant = kernel.variant(call);
    if (recordings.open().isEmpty()) {
      watch.ifPresent(w -> w.ran(call, variant));
    }
    run(call, kernel, variant);
  }

  /** The variants that may run for an operation. */
  public List<CudaVariant> variants(KernelSpec spec) {
    return launches.kernels().of(spec).variants();
  }

  /** Runs a call with a given variant, whatever the options choose. */
  public void run(Arguments call, CudaVariant variant) {
    run(call, launches.kernels().of(call.spec()), variant);
  }

  private void run(Arguments call, DeviceKernel kernel, CudaVariant variant) {
    enter();
    if (recordings.open().isPresent()) {
      recordings.open().get().call(call, kernel, variant);
      return;
    }
    KernelEvent event = new KernelEvent();
    event.begin();
    launches.run(call, kernel, variant);
    event.commit(call, variant.name());
  }

  // ---- recordings

  @Override
  public Replay capture(Runnable step) {
    return capture(step, false);
  }

  @Override
  public Replay capture(Runnable step, boolean rowwise) {
    enter();
    return recordings.capture(step, rowwise);
  }

  /**
   * What a recording takes of the device when its kernels follow each other without the host, as a graph. It is run again on what it left: its memory must be what it was.
   *
   * @param replay a recording of this backend
   * @param times that it runs
   * @return microseconds; empty if it is closed
   */
  public OptionalDouble micros(Replay replay, int times) {
    enter();
    return recordings.micros(replay, times);
  }

  private void replayed(CudaRecording replay) {
    watch.ifPresent(w -> replay.calls().forEach(call -> w.ran(call.arguments(), call.variant())));
  }

  // ---- life

  /** Makes the device the calling thread's: callers may come from any thread, virtual ones included. */
  void enter() {
    device.context().enter();
  }

  CudaContext context() {
    return device.context();
  }

  CudaStream stream() {
    return device.stream();
  }

  @Override
  public void synchronize() {
    enter();
    try {
      device.stream().synchronize();
    } catch (CudaException e) {
      throw e.after(launches.last());
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      enter();
      device.stream().synchronize();
      recordings.close();
      launches.close();
      staging.close();
      device.pool().relievedNoMoreBy(relief);
      workspace.trim();
      device.leave();
    } catch (CudaException e) {
      if (!device.context().lost()) { // a lost context takes everything with it; whoever lost it was told
        throw e;
      }
      LOG.debug("closing a device whose context is lost: {}", e.getMessage());
    } finally {
      arena.close();
    }
  }
}
