package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A mark in a stream: to wait for, or to time with. */
public final class CudaEvent implements AutoCloseable {
  private static final int DEFAULT = 0;

  /** CU_EVENT_DISABLE_TIMING: cheaper to record. */
  private static final int DISABLE_TIMING = 2;

  private final CudaContext context;
  private final CudaApi api;
  private final long handle;
  private boolean closed;

  private CudaEvent(CudaContext context, long handle) {
    this.context = context;
    this.api = context.api();
    this.handle = handle;
  }

  /** An event that knows its time. */
  public static CudaEvent timed(CudaContext context) {
    return create(context, DEFAULT);
  }

  /** An event to wait for. */
  public static CudaEvent untimed(CudaContext context) {
    return create(context, DISABLE_TIMING);
  }

  private static CudaEvent create(CudaContext context, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      context.check("cuEventCreate", context.api().eventCreate.call(out.address(), flags));
      return new CudaEvent(context, out.get(JAVA_LONG, 0));
    }
  }

  long handle() {
    return handle;
  }

  /** Happens when everything before it in the stream is done. */
  public void record(CudaStream stream) {
    context.check("cuEventRecord", api.eventRecord.call(handle, stream.handle()));
  }

  /** Waits until it has happened; returns at once if it was never recorded. */
  public void synchronize() {
    context.check("cuEventSynchronize", api.eventSynchronize.call(handle));
  }

  /** Milliseconds from an earlier event to this one; both must be timed and have happened. Resolution about half a microsecond. */
  public float millisSince(CudaEvent start) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_FLOAT);
      context.check("cuEventElapsedTime", api.eventElapsed.call(out.address(), start.handle, handle));
      return out.get(JAVA_FLOAT, 0);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      context.check("cuEventDestroy", api.eventDestroy.call(handle));
    }
  }
}
