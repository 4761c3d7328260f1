package dev.syrinx.bench.study;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Replay;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Layout;
import dev.syrinx.synth.Stage;
import dev.syrinx.synth.StageTimes;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Counts the declared cost of all calls by stage while it is asked to, and passes everything on. */
final class CountingBackend implements Backend {
  /** Cost of calls. */
  static final class Sum {
    double bytes;
    double flops;
    long calls;

    private void add(Sum other) {
      bytes += other.bytes;
      flops += other.flops;
      calls += other.calls;
    }

    private void add(Cost cost) {
      bytes += cost.bytes();
      flops += cost.flops();
      calls++;
    }
  }

  private final Backend backend;
  private final Map<Stage, Sum> sums = new EnumMap<>(Stage.class);
  private final Map<Stage, Replay> last = new EnumMap<>(Stage.class);
  private boolean counting;
  private Optional<Sum> recording = Optional.empty();

  /** @param backend closed with this */
  CountingBackend(Backend backend) {
    this.backend = backend;
  }

  /** Begins to count from nothing, or stops. */
  void count(boolean on) {
    counting = on;
    if (on) {
      sums.clear();
    }
  }

  /** The recording that ran last in a stage, if it is open. */
  Optional<Replay> last(Stage stage) {
    return Optional.ofNullable(last.get(stage));
  }

  /** What was counted; work outside of stages is left out. */
  Map<Stage, Sum> sums() {
    return sums;
  }

  @Override
  public void run(Arguments call) {
    if (recording.isPresent()) {
      recording.get().add(call.spec().cost(call));
    } else if (counting) {
      StageTimes.current().ifPresent(stage -> sums.computeIfAbsent(stage, s -> new Sum()).add(call.spec().cost(call)));
    }
    backend.run(call);
  }

  @Override
  public Replay capture(Runnable step) {
    return capture(step, false);
  }

  @Override
  public Replay capture(Runnable step, boolean rowwise) {
    Sum sum = new Sum();
    recording = Optional.of(sum);
    try {
      return new Counted(backend.capture(step, rowwise), sum);
    } finally {
      recording = Optional.empty();
    }
  }

  private final class Counted implements Replay {
    private final Replay replay;
    private final Sum sum;

    private Counted(Replay replay, Sum sum) {
      this.replay = replay;
      this.sum = sum;
    }

    @Override
    public void run() {
      if (counting) {
        StageTimes.current().ifPresent(this::counted);
      }
      replay.run();
    }

    private void counted(Stage stage) {
      sums.computeIfAbsent(stage, s -> new Sum()).add(sum);
      last.put(stage, replay);
    }

    @Override
    public void ready() {
      replay.ready();
    }

    @Override
    public int size() {
      return replay.size();
    }

    @Override
    public void close() {
      last.values().remove(replay);
      replay.close();
    }
  }

  @Override
  public String description() {
    return backend.description();
  }

  @Override
  public MemorySegment allocate(long bytes) {
    return backend.allocate(bytes);
  }

  @Override
  public MemorySegment temporary(long bytes) {
    return backend.temporary(bytes);
  }

  @Override
  public Scope scope() {
    return backend.scope();
  }

  @Override
  public void upload(MemorySegment from, MemorySegment to) {
    backend.upload(from, to);
  }

  @Override
  public void download(MemorySegment from, MemorySegment to) {
    backend.download(from, to);
  }

  @Override
  public Layout layout(KernelSpec spec, String param) {
    return backend.layout(spec, param);
  }

  @Override
  public boolean narrowProducts() {
    return backend.narrowProducts();
  }

  @Override
  public DType factors(DType weights) {
    return backend.factors(weights);
  }

  @Override
  public int wideColumns() {
    return backend.wideColumns();
  }

  @Override
  public boolean fuses(Arguments call) {
    return backend.fuses(call);
  }

  @Override
  public DType cache(DType weights) {
    return backend.cache(weights);
  }

  @Override
  public boolean worksAlone() {
    return backend.worksAlone();
  }

  @Override
  public boolean rehearsal() {
    return backend.rehearsal();
  }

  @Override
  public Reserved reserve(long bytes) {
    return backend.reserve(bytes);
  }

  @Override
  public Poll poll(MemorySegment from, int bytes, int depth) {
    return backend.poll(from, bytes, depth);
  }

  @Override
  public void synchronize() {
    backend.synchronize();
  }

  @Override
  public long reservedBytes() {
    return backend.reservedBytes();
  }

  @Override
  public void close() {
    backend.close();
  }
}
