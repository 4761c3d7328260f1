package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Work that was recorded from a stream and is launched as one. */
public final class CudaGraph implements AutoCloseable {
  /** CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads may allocate meanwhile. */
  private static final int THREAD_LOCAL = 1;

  private final CudaContext context;
  private final CudaApi api;
  private final long executable;
  private final long nodes;
  private boolean closed;

  private CudaGraph(CudaContext context, long executable, long nodes) {
    this.context = context;
    this.api = context.api();
    this.executable = executable;
    this.nodes = nodes;
  }

  /**
   * Records what {@code work} puts into the stream; nothing of it runs. The work must not allocate or wait, nor load functions: prepare those before.
   *
   * @throws CudaException if something in it cannot be recorded; the stream is usable afterwards
   */
  public static CudaGraph record(CudaStream stream, Runnable work) {
    CudaContext context = stream.context();
    CudaApi api = context.api();
    context.check("cuStreamBeginCapture", api.streamBeginCapture.call(stream.handle(), THREAD_LOCAL));
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      abandon(stream, e);
      throw e;
    }
    long graph = end(stream);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG, 2);
      context.check("cuGraphGetNodes", api.graphNodes.call(graph, 0L, out.address()));
      long nodes = out.get(JAVA_LONG, 0);
      int status = api.graphInstantiate.call(out.address() + 8, graph, 0L);
      if (status != 0) {
        throw context.failure("cuGraphInstantiate(" + nodes + " nodes)", status);
      }
      return new CudaGraph(context, out.get(JAVA_LONG, 8), nodes);
    } finally {
      context.check("cuGraphDestroy", api.graphDestroy.call(graph)); // the executable does not need it
    }
  }

  private static long end(CudaStream stream) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      stream.context().check("cuStreamEndCapture", stream.context().api().streamEndCapture.call(stream.handle(), out.address()));
      return out.get(JAVA_LONG, 0);
    }
  }

  /** Ends a capture that failed, so that the stream works again; the failure itself is what the caller should see. */
  private static void abandon(CudaStream stream, Throwable failure) {
    try {
      long graph = end(stream);
      stream.context().check("cuGraphDestroy", stream.context().api().graphDestroy.call(graph));
    } catch (CudaException e) {
      failure.addSuppressed(e);
    }
  }

  /** Number of recorded launches, copies and fills. */
  public long nodes() {
    return nodes;
  }

  /** Runs it once, after what the stream holds. */
  public void launch(CudaStream stream) {
    context.check("cuGraphLaunch", api.graphLaunch.call(executable, stream.handle()));
  }

  /** Gives it back; it must not be running. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      context.check("cuGraphExecDestroy", api.graphExecDestroy.call(executable));
    }
  }
}
