package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** A piece of the device's memory, 256-byte aligned. */
public final class DeviceMemory implements AutoCloseable {
  private final CudaContext context;
  private final long address;
  private final long bytes;
  private final Optional<CudaStream> stream;
  private boolean closed;

  private DeviceMemory(CudaContext context, long address, long bytes, Optional<CudaStream> stream) {
    this.context = context;
    this.address = address;
    this.bytes = bytes;
    this.stream = stream;
  }

  /**
   * Allocates; waits for the device.
   *
   * @throws DeviceOutOfMemoryException if there is no room; the context works on
   */
  public static DeviceMemory allocate(CudaContext context, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      int status = context.api().memAlloc.call(out.address(), Math.max(1L, bytes));
      if (status != 0) {
        throw context.failure("cuMemAlloc(" + bytes + " bytes)", status);
      }
      return new DeviceMemory(context, out.get(JAVA_LONG, 0), bytes, Optional.empty());
    }
  }

  /**
   * Allocates from the device's pool, in a stream's order: usable by work that the stream gets after this.
   *
   * @throws DeviceOutOfMemoryException if there is no room; the context works on
   */
  public static DeviceMemory allocate(CudaStream stream, long bytes) {
    CudaContext context = stream.context();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      int status = context.api().memAllocAsync.call(out.address(), Math.max(1L, bytes), stream.handle());
      if (status != 0) {
        throw context.failure("cuMemAllocAsync(" + bytes + " bytes)", status);
      }
      return new DeviceMemory(context, out.get(JAVA_LONG, 0), bytes, Optional.of(stream));
    }
  }

  /** The device's address. */
  public long address() {
    return address;
  }

  public long bytes() {
    return bytes;
  }

  /** The address as a segment without length: a stray read by the host throws instead of crashing. */
  public MemorySegment segment() {
    return MemorySegment.ofAddress(address);
  }

  /** Gives it back: at once, or in its stream's order. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      CudaApi api = context.api();
      int status = stream.isPresent() ? api.memFreeAsync.call(address, stream.get().handle()) : api.memFree.call(address);
      context.check("cuMemFree", status);
    }
  }
}
