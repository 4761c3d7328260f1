package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Host memory that the device can copy from and to while the host does other things. */
public final class PinnedMemory implements AutoCloseable {
  private final CudaContext context;
  private final MemorySegment segment;
  private boolean closed;

  private PinnedMemory(CudaContext context, MemorySegment segment) {
    this.context = context;
    this.segment = segment;
  }

  /**
   * Allocates.
   *
   * @throws DeviceOutOfMemoryException if the host does not give that much pinned memory
   */
  public static PinnedMemory allocate(CudaContext context, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      int status = context.api().hostAlloc.call(out.address(), Math.max(1L, bytes), 0);
      if (status != 0) {
        throw context.failure("cuMemHostAlloc(" + bytes + " bytes)", status);
      }
      return new PinnedMemory(context, MemorySegment.ofAddress(out.get(JAVA_LONG, 0)).reinterpret(bytes));
    }
  }

  /** The memory. Hazard: it is not known to Java, so it must not be touched after {@link #close}. */
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      context.check("cuMemFreeHost", context.api().hostFree.call(segment.address()));
    }
  }
}
