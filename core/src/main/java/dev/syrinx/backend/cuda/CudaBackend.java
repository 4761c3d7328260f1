package dev.syrinx.backend.cuda;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Replay;
import dev.syrinx.ffi.NativeException;
import dev.syrinx.ffi.Probe;
import dev.syrinx.ffi.cuda.ArgumentBlock;
import dev.syrinx.ffi.cuda.CudaContext;
import dev.syrinx.ffi.cuda.CudaDriver;
import dev.syrinx.ffi.cuda.CudaEvent;
import dev.syrinx.ffi.cuda.CudaException;
import dev.syrinx.ffi.cuda.CudaFunction;
import dev.syrinx.ffi.cuda.CudaGraph;
import dev.syrinx.ffi.cuda.CudaStream;
import dev.syrinx.ffi.cuda.DeviceMemory;
import dev.syrinx.ffi.cuda.JCuda;
import dev.syrinx.ffi.cuda.KernelLauncher;
import dev.syrinx.ffi.cuda.PanamaLauncher;
import dev.syrinx.ffi.cuda.RehearsalDriver;
import dev.syrinx.ffi.cuda.TensorMaps;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Layout;
import dev.syrinx.kernels.gemm.GatedGemm;
import dev.syrinx.kernels.gemm.GatedGemmCuda;
import dev.syrinx.tensor.Workspace;
import dev.syrinx.trace.KernelEvent;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs kernels on a CUDA device, in the order of one stream. One caller at a time, from any thread.
 *
 * <p>Long, because a call goes one way through it, whether it is run, recorded or rehearsed: opening, memory, launches and recordings share the stream, the scratch memory and
 * the state of a recording that is being made.
 */
public final class CudaBackend implements Backend {
  private static final Logger LOG = LoggerFactory.getLogger(CudaBackend.class);

  /** Blocks of the workspace: a whole decoding step fits into one. */
  private static final long WORKSPACE_BLOCK = 32L << 20;

  private static final long RECORDING_BLOCK = 8L << 20;

  private static final long KEPT_BLOCK = 2L << 20;

  /** Devices of this capability multiply 16-bit matrices on tensor cores. */
  private static final int TENSOR_CORES = 80;

  /** Launches to devices of this capability may overlap. */
  private static final int EARLY = 90;

  /** Kernels between products whose other variants take float32 only. */
  private static final Set<String> HALF_KERNELS = Set.of("gemm", "attention");

  private static final long STAGING = 8L << 20;
  private static final long SMALLEST_SCRATCH = 4L << 20;

  private final CudaOptions options;
  private final CudaKernels source;
  private final boolean guest;
  private final CudaContext context;
  private final CudaStream stream;
  private final KernelLauncher launcher;
  private final DevicePool pool;
  private final Workspace workspace;
  private final Staging staging;
  private final DeviceKernels kernels;
  private final Gpu gpu;
  private final Arena arena = Arena.ofShared();
  private final BlockWriter writer;
  private final Set<CudaRecording> recordings = new LinkedHashSet<>();
  private CudaRecording recording;
  private Optional<DeviceMemory> scratch = Optional.empty();
  private final Optional<LibraryGemm> library;
  private final Optional<KernelWatch> watch;
  private String last = "nothing";
  private boolean closed;
  private boolean rehearsal;

  private CudaBackend(CudaDriver driver, CudaOptions options, CudaKernels source) {
    this(options.checked(), source, CudaContext.open(driver, options.device()));
  }

  private CudaBackend(CudaOptions options, CudaKernels source, CudaContext context) {
    this(options, source, context, CudaStream.create(context), new DevicePool(context, options.memoryBytes()), Optional.empty());
  }

  /** @param owner whose context, stream, pool and loaded kernels these are, if not this one's */
  private CudaBackend(CudaOptions options, CudaKernels source, CudaContext context, CudaStream stream, DevicePool pool, Optional<CudaBackend> owner) {
    this.options = options;
    this.source = source;
    this.context = context;
    this.stream = stream;
    this.pool = pool;
    guest = owner.isPresent();
    writer = new BlockWriter(new TensorMaps(context));
    launcher = options.launcher() == CudaOptions.Launcher.JCUDA ? JCuda.launcher(context) : new PanamaLauncher(context);
    workspace = new Workspace(pool.blocks(), WORKSPACE_BLOCK);
    pool.relievedBy(workspace::trim);
    staging = new Staging(context, stream, STAGING);
    kernels = new DeviceKernels(context, options, source, arena, owner.map(o -> o.kernels));
    gpu = new Gpu(context.device().multiprocessors(), context.device().major() * 10 + context.device().minor(), context.sharedBytes());
    watch = options.kernels().isEmpty() ? Optional.empty() : Optional.of(new KernelWatch(this));
    library = LibraryGemm.products(options.gemm(), context, stream, pool).map(products -> new LibraryGemm(this, kernels, products, arena));
  }

  /**
   * Another way of using the same device, with the weights that lie there: for comparing options without loading a model again. Its work is in the order of the same stream, and its
   * memory is counted with this one's; close it before this one.
   *
   * @param other its device and limit of memory are this one's
   */
  public CudaBackend beside(CudaOptions other) {
    enter();
    CudaBackend made = new CudaBackend(other.withMemory(options.memoryBytes()).checked(), source, context, stream, pool, Optional.of(this));
    other.kernels().forEach(made::load);
    return made;
  }

  /** Loads somebody's kernel, so that what is wrong with it is said before anything runs. */
  private void load(UserKernel kernel) {
    try {
      kernel.load(kernels);
    } catch (UserKernelException e) {
      close();
      throw e;
    }
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
          CudaBackend made = new CudaBackend(driver, options, source);
          options.kernels().forEach(made::load);
          yield made;
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
    return context + ", " + gpu.multiprocessors() + " multiprocessors, " + launcher.name() + (options.graphs() ? ", graphs" : ", no graphs")
        + library.map(l -> ", products by " + l.name()).orElse("");
  }

  /** What launch geometry depends on. */
  public Gpu gpu() {
    return gpu;
  }

  /** Size of the device's second-level cache. */
  public long cacheBytes() {
    return context.l2Bytes();
  }

  // ---- memory

  @Override
  public MemorySegment allocate(long bytes) {
    enter();
    return pool.permanent(bytes);
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
      if (workspace.empty() && pool.exhausted()) {
        // Begin afresh: blocks of the sizes that a request which failed asked for would lie in the way of others.
        enter();
        workspace.trim();
        pool.release();
      }
    };
  }

  @Override
  public Reserved reserve(long bytes) {
    enter();
    DeviceMemory memory = pool.take(Math.max(bytes, DevicePool.ALIGNMENT));
    return new Reserved(memory.segment(), () -> pool.give(memory));
  }

  @Override
  public Poll poll(MemorySegment from, int bytes, int depth) {
    enter();
    return new StreamPoll(context, stream, from.address(), bytes, depth);
  }

  private Workspace memory() {
    return recording != null ? recording.memory() : workspace;
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
      throw e.after(last);
    }
  }

  /** A copy of device memory that stays. */
  MemorySegment duplicate(MemorySegment from, long bytes) {
    MemorySegment made = allocate(bytes);
    stream.copyOnDevice(from.address(), made.address(), bytes);
    return made;
  }

  @Override
  public long reservedBytes() {
    return pool.bytes();
  }

  /** Bytes that were handed out for as long as the backend lives: weights. */
  public long permanentBytes() {
    return pool.permanentBytes();
  }

  /** What is in use on the whole device, by other processes, the driver and loaded kernels, too. */
  public long deviceBytes() {
    enter();
    CudaContext.Memory memory = context.memory();
    return memory.total() - memory.free();
  }

  /** Most bytes of device memory held so far. */
  public long peakBytes() {
    return pool.peak();
  }

  /** Bytes in use: what is held without what waits to be used again. */
  public long usedBytes() {
    return pool.used();
  }

  /** Most bytes in use since {@link #forgetUse}. */
  public long mostUsedBytes() {
    return pool.mostUsed();
  }

  /** Begins to look for the most bytes in use anew. */
  public void forgetUse() {
    pool.forgetUse();
  }

  // ---- kernels

  @Override
  public Layout layout(KernelSpec spec, String param) {
    return kernels.of(spec).layout(param);
  }

  @Override
  public boolean narrowProducts() {
    return gpu.capability() >= TENSOR_CORES;
  }

  /** Halves, unless somebody asks for kernels that do not read them. */
  @Override
  public DType factors(DType weights) {
    boolean own = options.gemm() == CudaOptions.Gemm.OWN && Collections.disjoint(options.variants().keySet(), HALF_KERNELS);
    return weights == DType.F16 && narrowProducts() && own ? DType.F16 : DType.F32;
  }

  @Override
  public boolean fuses(Arguments call) {
    boolean own = options.gemm() == CudaOptions.Gemm.OWN && !options.variants().containsKey("gemm") && options.kernels().isEmpty();
    return own && options.fusion() && call.spec() == GatedGemm.SPEC && GatedGemmCuda.pays(call, gpu);
  }

  @Override
  public void run(Arguments call) {
    DeviceKernel kernel = kernels.of(call.spec());
    CudaVariant variant = kernel.variant(call);
    if (recording == null) {
      watch.ifPresent(w -> w.ran(call, variant));
    }
    run(call, kernel, variant);
  }

  /** The variants that may run for an operation. */
  public List<CudaVariant> variants(KernelSpec spec) {
    return kernels.of(spec).variants();
  }

  /** Runs a call with a given variant, whatever the options choose. */
  public void run(Arguments call, CudaVariant variant) {
    run(call, kernels.of(call.spec()), variant);
  }

  private void run(Arguments call, DeviceKernel kernel, CudaVariant variant) {
    enter();
    if (recording != null) {
      recording.call(call, kernel, variant);
      return;
    }
    KernelEvent event = new KernelEvent();
    event.begin();
    start(call, kernel, variant);
    event.commit(call, variant.name());
  }

  private void start(Arguments call, DeviceKernel kernel, CudaVariant variant) {
    if (LibraryGemm.is(variant)) {
      last = call.spec().name();
      library.orElseThrow().prepare(call, scratch(variant.scratch().applyAsLong(call))).run();
      return;
    }
    Plans.Plan plan = kernel.plan(call, variant, gpu);
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

  private long scratch(long bytes) {
    if (bytes == 0) {
      return 0;
    }
    if (scratch.isEmpty() || scratch.get().bytes() < bytes) {
      scratch.ifPresent(pool::give);
      scratch = Optional.empty();
      scratch = Optional.of(pool.take(Math.max(bytes, SMALLEST_SCRATCH)));
    }
    return scratch.get().address();
  }

  /** Whether launches of a variant begin before those ahead of them have ended. */
  private boolean early(CudaVariant variant) {
    return variant.early() && options.fusion() && gpu.capability() >= EARLY;
  }

  void launch(CudaFunction function, Launch launch, boolean early, ArgumentBlock block) {
    if (early) {
      launcher.launchEarly(function, launch.gridX(), launch.gridY(), launch.gridZ(), launch.threads(), launch.sharedBytes(), stream, block);
    } else {
      launcher.launch(function, launch.gridX(), launch.gridY(), launch.gridZ(), launch.threads(), launch.sharedBytes(), stream, block);
    }
  }

  // ---- recordings

  @Override
  public Replay capture(Runnable step) {
    return capture(step, false);
  }

  @Override
  public Replay capture(Runnable step, boolean rowwise) {
    if (recording != null) {
      throw new IllegalStateException("a capture is already open; captures do not nest");
    }
    enter();
    CudaRecording made = new CudaRecording(this, new Workspace(pool.blocks(), RECORDING_BLOCK), new Workspace(pool.blocks(), KEPT_BLOCK));
    recordings.add(made);
    recording = made;
    try {
      step.run();
      recording = null;
      enter();
      write(made, rowwise);
      made.finish(options.graphs());
    } catch (RuntimeException | Error e) {
      recording = null;
      made.close();
      throw e;
    }
    LOG.debug("recorded {}", made);
    return made;
  }

  /** All calls of a recording are known: as one program where they make one, else one by one. */
  private void write(CudaRecording made, boolean rowwise) {
    // The program's sums have another order than those of the kernel for more rows than it takes.
    Optional<DecodeProgram> program = options.fusion() && !rowwise ? DecodeProgram.within(made.calls(), gpu) : Optional.empty();
    // One piece for all: calls run one after the other.
    long most = made.deferred().stream().mapToLong(call -> call.variant().scratch().applyAsLong(call.arguments())).max().orElse(0);
    long space = most == 0 ? 0 : made.kept().allocate(most).address();
    for (int i = 0; i < made.deferred().size(); i++) {
      if (program.isPresent() && i == program.get().first()) {
        program.get().record(made, kernels, staging, gpu);
        i = program.get().end() - 1;
        continue;
      }
      CudaRecording.Call call = made.deferred().get(i);
      CudaVariant variant = rowwise ? call.kernel().rowwise(call.variant()) : call.variant();
      if (LibraryGemm.is(variant)) {
        made.add(library.orElseThrow().prepare(call.arguments(), space));
        continue;
      }
      Plans.Plan plan = call.kernel().plan(call.arguments(), variant, gpu);
      for (int j = 0; j < plan.launches().size(); j++) {
        Launch launch = plan.launches().get(j);
        ArgumentBlock block = call.kernel().newBlock(made.arena(), launch.windows().size());
        made.add(plan.functions().get(j), launch, early(variant), writer.write(call.arguments(), space, launch, block));
      }
    }
  }

  CudaGraph record(Runnable launches) {
    return CudaGraph.record(stream, launches);
  }

  /**
   * What a recording takes of the device when its kernels follow each other without the host, as a graph. It is run again on what it left: its memory must be what it was.
   *
   * @param replay a recording of this backend
   * @param times that it runs
   * @return microseconds; empty if it is closed
   */
  public OptionalDouble micros(Replay replay, int times) {
    if (!(replay instanceof CudaRecording made) || !recordings.contains(made) || made.closed()) {
      return OptionalDouble.empty();
    }
    enter();
    try (CudaGraph graph = record(made::launchAll); CudaEvent start = CudaEvent.timed(context); CudaEvent end = CudaEvent.timed(context)) {
      graph.launch(stream);
      start.record(stream);
      for (int i = 0; i < times; i++) {
        graph.launch(stream);
      }
      end.record(stream);
      synchronize();
      return OptionalDouble.of(end.millisSince(start) * 1e3 / times);
    }
  }

  /** A recording has run once more. */
  void replayed(CudaRecording replay) {
    watch.ifPresent(w -> replay.deferred().forEach(call -> w.ran(call.arguments(), call.variant())));
  }

  void launch(CudaGraph graph, CudaRecording owner) {
    last = "the recording of " + owner;
    graph.launch(stream);
  }

  /** A graph may be destroyed while it runs, and its memory goes to those who use it later in the stream. */
  void forget(CudaRecording closing) {
    enter();
    recordings.remove(closing);
  }

  // ---- life

  /** Makes the device the calling thread's: callers may come from any thread, virtual ones included. */
  void enter() {
    context.enter();
  }

  CudaContext context() {
    return context;
  }

  CudaStream stream() {
    return stream;
  }

  @Override
  public void synchronize() {
    enter();
    try {
      stream.synchronize();
    } catch (CudaException e) {
      throw e.after(last);
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
      stream.synchronize();
      List.copyOf(recordings).forEach(CudaRecording::close);
      library.ifPresent(LibraryGemm::close);
      kernels.close();
      staging.close();
      scratch.ifPresent(pool::give);
      workspace.trim();
      if (!guest) {
        pool.close();
        stream.close();
        context.close();
      }
    } catch (CudaException e) {
      if (!context.lost()) { // a lost context takes everything with it; whoever lost it was told
        throw e;
      }
      LOG.debug("closing a device whose context is lost: {}", e.getMessage());
    } finally {
      arena.close();
    }
  }
}
