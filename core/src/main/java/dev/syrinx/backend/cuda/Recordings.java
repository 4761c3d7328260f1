package dev.syrinx.backend.cuda;

import dev.syrinx.backend.Replay;
import dev.syrinx.ffi.cuda.CudaEvent;
import dev.syrinx.ffi.cuda.CudaGraph;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.tensor.Workspace;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes recordings, one at a time, and closes those that nobody closed. */
final class Recordings implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Recordings.class);
  private static final long BLOCK = 8L << 20;
  private static final long KEPT_BLOCK = 2L << 20;

  private final SharedDevice device;
  private final Launches launches;
  private final Staging staging;
  private final CudaOptions options;
  private final Consumer<CudaRecording> listener;
  private final Set<CudaRecording> all = new LinkedHashSet<>();
  private Optional<CudaRecording> open = Optional.empty();

  /** @param listener is told of each run of a recording */
  Recordings(SharedDevice device, Launches launches, Staging staging, CudaOptions options, Consumer<CudaRecording> listener) {
    this.device = device;
    this.launches = launches;
    this.staging = staging;
    this.options = options;
    this.listener = listener;
  }

  /** The recording that takes calls now, if one does. */
  Optional<CudaRecording> open() {
    return open;
  }

  /** See {@link dev.syrinx.backend.Backend#capture(Runnable, boolean)}. */
  CudaRecording capture(Runnable step, boolean rowwise) {
    if (open.isPresent()) {
      throw new IllegalStateException("a capture is already open; captures do not nest");
    }
    CudaRecording made = new CudaRecording(this, new Workspace(device.pool().blocks(), BLOCK), new Workspace(device.pool().blocks(), KEPT_BLOCK));
    all.add(made);
    open = Optional.of(made);
    long start = System.nanoTime();
    try {
      step.run();
      open = Optional.empty();
      long called = System.nanoTime();
      device.context().enter();
      write(made, rowwise);
      made.finish(options.graphs());
      LOG.debug("recorded {} in us: {} for the calls, {} to write them down", made, micros(start, called), micros(called, System.nanoTime()));
    } catch (RuntimeException | Error e) {
      open = Optional.empty();
      made.close();
      throw e;
    }
    return made;
  }

  private static long micros(long from, long to) {
    return (to - from) / 1000;
  }

  /** All calls of a recording are known: as one program where they make one, else one by one. */
  private void write(CudaRecording made, boolean rowwise) {
    // The program's sums have another order than those of the kernel for more rows than it takes.
    List<Arguments> arguments = made.calls().stream().map(CudaRecording.Call::arguments).toList();
    Optional<DecodeProgram> program = options.fusion() && !rowwise ? DecodeProgram.within(arguments, device.gpu()) : Optional.empty();
    // One piece for all: calls run one after the other.
    long most = made.calls().stream().mapToLong(call -> call.variant().scratch().applyAsLong(call.arguments())).max().orElse(0);
    long space = most == 0 ? 0 : made.kept().allocate(most).address();
    for (int i = 0; i < made.calls().size(); i++) {
      if (program.isPresent() && i == program.get().first()) {
        program.get().record(made, launches.kernels(), staging, device.gpu());
        i = program.get().end() - 1;
        continue;
      }
      CudaRecording.Call call = made.calls().get(i);
      CudaVariant variant = rowwise ? call.kernel().rowwise(call.variant()) : call.variant();
      launches.record(made, call, variant, space);
    }
  }

  Launches launches() {
    return launches;
  }

  CudaGraph graph(CudaRecording of) {
    return CudaGraph.record(device.stream(), of::launchAll);
  }

  /** Starts a recording, as a graph if it is one. */
  void start(CudaRecording recording, Optional<CudaGraph> graph) {
    device.context().enter();
    if (graph.isPresent()) {
      launches.next("the recording of " + recording);
      graph.get().launch(device.stream());
    } else {
      recording.launchAll();
    }
    listener.accept(recording);
  }

  /** Microseconds of a run as a graph, over several; empty if it is not one of these, or closed. */
  OptionalDouble micros(Replay replay, int times) {
    if (!(replay instanceof CudaRecording made) || !all.contains(made)) {
      return OptionalDouble.empty();
    }
    try (CudaGraph graph = graph(made); CudaEvent start = CudaEvent.timed(device.context()); CudaEvent end = CudaEvent.timed(device.context())) {
      graph.launch(device.stream());
      start.record(device.stream());
      for (int i = 0; i < times; i++) {
        graph.launch(device.stream());
      }
      end.record(device.stream());
      device.stream().synchronize();
      return OptionalDouble.of(end.millisSince(start) * 1e3 / times);
    }
  }

  /** A graph may be destroyed while it runs, and its memory goes to those who use it later in the stream. */
  void forget(CudaRecording closing) {
    device.context().enter();
    all.remove(closing);
  }

  @Override
  public void close() {
    List.copyOf(all).forEach(CudaRecording::close);
  }
}
