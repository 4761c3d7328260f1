package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A queue of work for the device. All methods but {@link #synchronize} return before the work is done. */
public final class CudaStream implements AutoCloseable {
  /** CU_STREAM_NON_BLOCKING: does not wait for the default stream. */
  private static final int NON_BLOCKING = 1;

  private final CudaContext context;
  private final CudaApi api;
  private final long handle;
  private boolean closed;

  private CudaStream(CudaContext context, long handle) {
    this.context = context;
    this.api = context.api();
    this.handle = handle;
  }

  /** A new stream. */
  public static CudaStream create(CudaContext context) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      context.check("cuStreamCreate", context.api().streamCreate.call(out.address(), NON_BLOCKING));
      return new CudaStream(context, out.get(JAVA_LONG, 0));
    }
  }

  CudaContext context() {
    return context;
  }

  /** The driver's handle, which other bindings of the driver take, too. */
  public long handle() {
    return handle;
  }

  /**
   * Waits until everything is done.
   *
   * @throws ContextLostException if a kernel died
   */
  public void synchronize() {
    context.check("cuStreamSynchronize", api.streamSynchronize.call(handle));
  }

  /** Copies host memory to the device. Pinned memory must stay as it is until the copy is done; other memory is copied before this returns. */
  public void copyToDevice(MemorySegment from, long to, long bytes) {
    if (bytes > 0) {
      int status = api.copyToDevice.call(to, from.asSlice(0, bytes).address(), bytes, handle);
      if (status != 0) {
        throw context.failure("cuMemcpyHtoDAsync(" + bytes + " bytes)", status);
      }
    }
  }

  /** Copies device memory to the host. */
  public void copyToHost(long from, MemorySegment to, long bytes) {
    if (bytes > 0) {
      int status = api.copyToHost.call(to.asSlice(0, bytes).address(), from, bytes, handle);
      if (status != 0) {
        throw context.failure("cuMemcpyDtoHAsync(" + bytes + " bytes)", status);
      }
    }
  }

  /** Copies on the device; the runs may not overlap. */
  public void copyOnDevice(long from, long to, long bytes) {
    if (bytes > 0) {
      int status = api.copyOnDevice.call(to, from, bytes, handle);
      if (status != 0) {
        throw context.failure("cuMemcpyDtoDAsync(" + bytes + " bytes)", status);
      }
    }
  }

  /** Sets every byte. */
  public void fill(long address, byte value, long bytes) {
    if (bytes > 0) {
      context.check("cuMemsetD8Async", api.setBytes.call(address, value, bytes, handle));
    }
  }

  /** Sets every 32-bit word. */
  public void fillWords(long address, int value, long words) {
    if (words > 0) {
      context.check("cuMemsetD32Async", api.setWords.call(address, value, words, handle));
    }
  }

  /** Makes what follows wait for an event of another stream. */
  public void await(CudaEvent event) {
    context.check("cuStreamWaitEvent", api.streamWaitEvent.call(handle, event.handle(), 0));
  }

  /** Gives it back after its work is done. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      context.check("cuStreamDestroy", api.streamDestroy.call(handle));
    }
  }
}
