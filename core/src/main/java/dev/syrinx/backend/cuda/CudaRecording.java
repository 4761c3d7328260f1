package dev.syrinx.backend.cuda;

import dev.syrinx.backend.Replay;
import dev.syrinx.ffi.cuda.ArgumentBlock;
import dev.syrinx.ffi.cuda.CudaFunction;
import dev.syrinx.ffi.cuda.CudaGraph;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.Launch;
import dev.syrinx.tensor.Workspace;
import dev.syrinx.trace.StepEvent;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Recorded calls: a list of launches that becomes a graph behind its first run, or before it where there is time. The step is written down first and captured afterwards, so that whatever it does besides
 * launching (allocating, loading kernels) happens outside of the capture, where the driver allows it.
 */
final class CudaRecording implements Replay {
  /** A call with its variant chosen. */
  record Call(Arguments arguments, DeviceKernel kernel, CudaVariant variant) {}

  private final Recordings owner;
  private final Workspace memory;
  private final Workspace kept;
  /** Left to the garbage collector: closing an arena that any thread may use stops all threads, which takes longer than two steps of the flow. */
  private final Arena arena = Arena.ofAuto();
  private final List<Runnable> launches = new ArrayList<>();
  private Optional<CudaGraph> graph = Optional.empty();
  private final List<Call> calls = new ArrayList<>();
  private boolean asGraph;
  private boolean closed;

  CudaRecording(Recordings owner, Workspace memory, Workspace kept) {
    this.owner = owner;
    this.memory = memory;
    this.kept = kept;
  }

  /** Temporaries of the step: what a scope of the step has given back is used again by the calls after it. */
  Workspace memory() {
    return memory;
  }

  /** What all calls of a replay may find: it shares nothing with the step's temporaries. */
  Workspace kept() {
    return kept;
  }

  Arena arena() {
    return arena;
  }

  void call(Arguments call, DeviceKernel kernel, CudaVariant variant) {
    calls.add(new Call(call, kernel, variant));
  }

  List<Call> calls() {
    return calls;
  }

  void add(CudaFunction function, Launch launch, ArgumentBlock block) {
    add(function, launch, false, block);
  }

  /** The same, beginning before those ahead of it have ended. */
  void add(CudaFunction function, Launch launch, boolean early, ArgumentBlock block) {
    launches.add(() -> owner.launches().launch(function, launch, early, block));
  }

  /** Adds work that is more than a launch. */
  void add(Runnable work) {
    launches.add(work);
  }

  /** No more calls come. */
  void finish(boolean graphs) {
    asGraph = graphs && !launches.isEmpty();
  }

  /** Captures the launches. */
  @Override
  public void ready() {
    if (asGraph && graph.isEmpty()) {
      graph = Optional.of(owner.graph(this));
    }
  }

  void launchAll() {
    for (int i = 0; i < launches.size(); i++) { // no iterator: replays allocate nothing
      launches.get(i).run();
    }
  }

  @Override
  public void run() {
    if (closed) {
      throw new IllegalStateException("this recording is closed");
    }
    StepEvent event = new StepEvent();
    event.begin();
    owner.start(this, graph);
    ready(); // behind the first run, which is under way meanwhile: a device waits for one launch, not for a graph
    event.commit(calls.size(), calls.isEmpty() ? "" : calls.getFirst().arguments().spec().name());
  }

  @Override
  public int size() {
    return calls.size();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      owner.forget(this);
      graph.ifPresent(CudaGraph::close);
      memory.close();
      kept.close();
    }
  }

  @Override
  public String toString() {
    return calls.size() + " calls" + (calls.isEmpty() ? "" : " from " + calls.getFirst().arguments().spec().name()) + " in " + launches.size() + " launches";
  }
}
