package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.cuda.CudaContext;
import dev.syrinx.ffi.cuda.DeviceMemory;
import dev.syrinx.ffi.cuda.DeviceOutOfMemoryException;
import dev.syrinx.tensor.BlockSource;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** All memory that the engine holds on a device, counted against its limit. */
final class DevicePool implements AutoCloseable {
  /** Alignment of everything: what the driver gives, and enough for any vector load or tensor copy. */
  static final long ALIGNMENT = 256;

  private static final long SMALLEST_BLOCK = 2L << 20;
  private static final long LARGEST_BLOCK = 64L << 20;

  private final CudaContext context;
  private final long limit;
  private final Set<DeviceMemory> held = new HashSet<>();
  private long bytes;
  private long peak;
  private long block;
  private long blockEnd;
  private long nextBlock = SMALLEST_BLOCK;

  DevicePool(CudaContext context, long limit) {
    this.context = context;
    this.limit = limit;
  }

  /** Memory to the end of the pool: small pieces are cut from blocks, because the driver rounds every allocation of its own up. */
  MemorySegment permanent(long size) {
    long rounded = Math.max(ALIGNMENT, (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    if (block + rounded > blockEnd) {
      if (rounded > nextBlock / 4) {
        return take(rounded).segment();
      }
      block = take(nextBlock).address();
      blockEnd = block + nextBlock;
      nextBlock = Math.min(LARGEST_BLOCK, 2 * nextBlock);
    }
    MemorySegment made = MemorySegment.ofAddress(block);
    block += rounded;
    return made;
  }

  /** @throws DeviceOutOfMemoryException beyond the limit, or where the device has no more; everything that was there stays */
  DeviceMemory take(long size) {
    if (size > limit - bytes) {
      throw new DeviceOutOfMemoryException(
          "allocation of " + size + " bytes", String.format("%,d of the %,d bytes that this engine may hold are in use; raise the limit, or use a smaller precision", bytes, limit));
    }
    DeviceMemory memory = DeviceMemory.allocate(context, size);
    held.add(memory);
    bytes += size;
    peak = Math.max(peak, bytes);
    return memory;
  }

  /** Gives back; waits for the device. */
  void give(DeviceMemory memory) {
    if (held.remove(memory)) {
      bytes -= memory.bytes();
      memory.close();
    }
  }

  /** Blocks for a workspace. */
  BlockSource blocks() {
    return new BlockSource() {
      private final List<DeviceMemory> mine = new ArrayList<>();

      @Override
      public MemorySegment block(long size) {
        DeviceMemory memory = take(size);
        mine.add(memory);
        return memory.segment();
      }

      @Override
      public long alignment() {
        return ALIGNMENT;
      }

      @Override
      public void close() {
        mine.forEach(DevicePool.this::give);
        mine.clear();
      }
    };
  }

  /** Bytes held now. */
  long bytes() {
    return bytes;
  }

  /** Most bytes held so far. */
  long peak() {
    return peak;
  }

  @Override
  public void close() {
    List.copyOf(held).forEach(this::give);
  }
}
