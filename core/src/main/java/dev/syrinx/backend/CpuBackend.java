package dev.syrinx.backend;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Lanes;
import dev.syrinx.kernels.Layout;
import dev.syrinx.kernels.Variant;
import dev.syrinx.tensor.Workspace;
import dev.syrinx.trace.KernelEvent;
import dev.syrinx.trace.StepEvent;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs kernels on this machine's cores: Vector API bodies where the module is loaded, scalar references otherwise. One caller at a time.
 */
public final class CpuBackend implements Backend {
  private static final Logger LOG = LoggerFactory.getLogger(CpuBackend.class);
  private static final AtomicBoolean ANNOUNCED = new AtomicBoolean();

  /** Work below which waking other threads costs more than it saves: about 5 µs of arithmetic or of memory traffic. */
  private static final double SMALL_FLOPS = 200_000;

  private static final double SMALL_BYTES = 60_000;

  private final WorkerPool pool;
  private final boolean vector;
  private final Arena arena = Arena.ofShared();
  private final Workspace workspace = new Workspace();
  private final List<Workspace> recordings = new ArrayList<>();
  private final Set<Piece> reserved = new HashSet<>();
  private Recording recording;
  private long allocated;

  /** A backend of as many threads; {@code scalar} forces the reference bodies. */
  public CpuBackend(int threads, boolean scalar) {
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException("threads must be 1 to 1024, got " + threads);
    }
    vector = !scalar && Lanes.available();
    if (!vector && !scalar && ANNOUNCED.compareAndSet(false, true)) {
      LOG.warn("running scalar reference kernels, many times slower: {}", Lanes.reason());
    }
    pool = new WorkerPool(threads);
  }

  /** All processors, vector bodies if possible. */
  public static CpuBackend create() {
    return new CpuBackend(Runtime.getRuntime().availableProcessors(), false);
  }

  @Override
  public String description() {
    return "CPU, " + pool.threads() + " threads, " + (vector ? Lanes.bits() + "-bit vectors" : "scalar reference kernels");
  }

  @Override
  public MemorySegment allocate(long bytes) {
    allocated += bytes;
    return arena.allocate(Math.max(bytes, 1), Workspace.ALIGNMENT);
  }

  @Override
  public Reserved reserve(long bytes) {
    Piece piece = new Piece();
    MemorySegment memory = piece.arena.allocate(Math.max(bytes, 1), Workspace.ALIGNMENT);
    allocated += bytes;
    reserved.add(piece);
    return new Reserved(memory, () -> {
      if (reserved.remove(piece)) {
        allocated -= bytes;
        piece.arena.close();
      }
    });
  }

  /** Memory that is given back on its own. */
  private static final class Piece {
    private final Arena arena = Arena.ofShared();
  }

  @Override
  public MemorySegment temporary(long bytes) {
    return (recording != null ? recording.memory : workspace).allocate(bytes);
  }

  @Override
  public Scope scope() {
    return recording != null ? () -> {} : workspace.scope()::close; // a recording's buffers stay valid for its replays
  }

  @Override
  public void upload(MemorySegment from, MemorySegment to) {
    to.copyFrom(from);
  }

  @Override
  public void download(MemorySegment from, MemorySegment to) {
    to.copyFrom(from);
  }

  @Override
  public Layout layout(KernelSpec spec, String param) {
    return preferred(spec).layouts().getOrDefault(param, Layout.ROW_MAJOR);
  }

  private Variant preferred(KernelSpec spec) {
    return vector ? spec.vector().orElse(spec.reference()) : spec.reference();
  }

  @Override
  public void run(Arguments call) {
    Prepared prepared = prepare(call);
    if (recording != null) {
      recording.calls.add(prepared);
    } else {
      prepared.run(pool);
    }
  }

  private Prepared prepare(Arguments call) {
    Variant variant = preferred(call.spec());
    if (!variant.supports().test(call)) {
      variant = call.spec().reference();
    }
    Cost cost = call.spec().cost(call);
    int units = variant.units().applyAsInt(call);
    boolean small = cost.flops() < SMALL_FLOPS && cost.bytes() < SMALL_BYTES;
    return new Prepared(variant, call, units, variant.scratch().applyAsLong(call), small);
  }

  @Override
  public Replay capture(Runnable step) {
    if (recording != null) {
      throw new IllegalStateException("a capture is already open; captures do not nest");
    }
    Recording made = new Recording(new Workspace());
    recording = made;
    try {
      step.run();
    } finally {
      recording = null;
    }
    recordings.add(made.memory);
    return made;
  }

  @Override
  public void synchronize() {}

  @Override
  public long reservedBytes() {
    return allocated + workspace.reservedBytes() + recordings.stream().mapToLong(Workspace::reservedBytes).sum() + pool.scratchBytes();
  }

  @Override
  public void close() {
    pool.close();
    recordings.forEach(Workspace::close);
    reserved.forEach(piece -> piece.arena.close());
    reserved.clear();
    workspace.close();
    arena.close();
  }

  /** A call with its variant chosen. */
  private record Prepared(Variant variant, Arguments call, int units, long scratch, boolean small) {
    void run(WorkerPool pool) {
      if (units == 0) {
        return;
      }
      KernelEvent event = new KernelEvent();
      event.begin();
      compute(pool);
      event.commit(call, variant.name());
    }

    private void compute(WorkerPool pool) {
      if (small) {
        pool.runAlone(variant.body(), call, units, scratch);
      } else {
        pool.run(variant.body(), call, units, scratch);
      }
    }
  }

  private final class Recording implements Replay {
    private final Workspace memory;
    private final List<Prepared> calls = new ArrayList<>();

    private Recording(Workspace memory) {
      this.memory = memory;
    }

    @Override
    public void run() {
      StepEvent event = new StepEvent();
      event.begin();
      for (int i = 0; i < calls.size(); i++) { // no iterator: replays allocate nothing
        calls.get(i).run(pool);
      }
      event.commit(calls.size(), calls.isEmpty() ? "" : calls.getFirst().call.spec().name());
    }

    @Override
    public int size() {
      return calls.size();
    }

    @Override
    public void close() {
      if (recordings.remove(memory)) {
        memory.close();
      }
    }
  }
}
