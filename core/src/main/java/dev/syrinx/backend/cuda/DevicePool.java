package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.cuda.CudaContext;
import dev.syrinx.ffi.cuda.DeviceMemory;
import dev.syrinx.ffi.cuda.DeviceOutOfMemoryException;
import dev.syrinx.tensor.BlockSource;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All memory that the engine holds on a device, counted against its limit.
 *
 * <p>What is given back is kept and handed out again without waiting: all work is in the order of one stream, so whoever gets a block next writes to it after those who had it
 * before have read it. The driver's own allocation waits for the device, which a recording per sentence must not.
 */
final class DevicePool implements AutoCloseable {
  /** Alignment of everything: what the driver gives, and enough for any vector load or tensor copy. */
  static final long ALIGNMENT = 256;

  private static final long SMALLEST_BLOCK = 2L << 20;
  private static final long LARGEST_BLOCK = 64L << 20;

  private final CudaContext context;
  private final long limit;
  private final Set<DeviceMemory> used = new HashSet<>();
  private final List<DeviceMemory> spare = new ArrayList<>();
  private final List<Runnable> relief = new ArrayList<>();
  private long bytes;
  private boolean exhausted;
  private long permanent;
  private long peak;
  private long inUse;
  private long mostInUse;
  private long block;
  private long blockEnd;
  private long nextBlock = SMALLEST_BLOCK;

  DevicePool(CudaContext context, long limit) {
    this.context = context;
    this.limit = limit;
  }

  /** Who gives back what it does not need when there is no room. */
  void relievedBy(Runnable giver) {
    relief.add(giver);
  }

  /** Memory to the end of the pool: small pieces are cut from blocks, because the driver rounds every allocation of its own up. */
  MemorySegment permanent(long size) {
    long rounded = Math.max(ALIGNMENT, (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    permanent += rounded;
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

  /**
   * A piece of at least this size.
   *
   * @throws DeviceOutOfMemoryException beyond the limit, or where the device has no more; everything that was there stays
   */
  DeviceMemory take(long size) {
    Optional<DeviceMemory> kept = spare.stream().filter(m -> m.bytes() >= size && m.bytes() / 2 <= size).min(Comparator.comparingLong(DeviceMemory::bytes));
    if (kept.isPresent()) {
      spare.remove(kept.get());
      return use(kept.get());
    }
    try {
      return allocate(size);
    } catch (DeviceOutOfMemoryException e) {
      exhausted = true;
      relief.forEach(Runnable::run);
      if (spare.isEmpty()) {
        throw e;
      }
      release();
      return allocate(size);
    }
  }

  /** Gives what waits to be used again back to the driver. */
  void release() {
    List.copyOf(spare).forEach(this::free);
  }

  /** The giver has nothing more to give. */
  void relievedNoMoreBy(Runnable giver) {
    relief.remove(giver);
  }

  /** Begins afresh if there was no room: blocks of the sizes that a request which failed asked for would lie in the way of others. */
  void recover() {
    if (exhausted) {
      exhausted = false;
      relief.forEach(Runnable::run);
      release();
    }
  }

  private DeviceMemory allocate(long size) {
    if (size > limit - bytes) {
      throw new DeviceOutOfMemoryException(
          "allocation of " + size + " bytes", String.format("%,d of the %,d bytes that this engine may hold are in use; raise the limit, or use a smaller precision", bytes, limit));
    }
    DeviceMemory memory = DeviceMemory.allocate(context, size);
    bytes += size;
    peak = Math.max(peak, bytes);
    return use(memory);
  }

  private DeviceMemory use(DeviceMemory memory) {
    used.add(memory);
    inUse += memory.bytes();
    mostInUse = Math.max(mostInUse, inUse);
    return memory;
  }

  /** Takes back; the memory may still be in use by work that was started. */
  void give(DeviceMemory memory) {
    if (used.remove(memory)) {
      inUse -= memory.bytes();
      spare.add(memory);
    }
  }

  private void free(DeviceMemory memory) {
    inUse -= used.remove(memory) ? memory.bytes() : 0;
    spare.remove(memory);
    bytes -= memory.bytes();
    memory.close();
  }

  /** Blocks for a workspace. */
  BlockSource blocks() {
    return new Blocks();
  }

  private final class Blocks implements BlockSource {
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
    public boolean release(MemorySegment block) {
      DeviceMemory memory = mine.stream().filter(m -> m.address() == block.address()).findFirst().orElseThrow();
      mine.remove(memory);
      give(memory);
      return true;
    }

    @Override
    public void close() {
      mine.forEach(DevicePool.this::give);
      mine.clear();
    }
  }

  /** Bytes held now, those that wait to be used again included. */
  long bytes() {
    return bytes;
  }

  /** Bytes handed out to the end of the pool. */
  long permanentBytes() {
    return permanent;
  }

  /** Bytes held now, without those that wait to be used again. */
  long used() {
    return inUse;
  }

  /** Most bytes in use since {@link #forgetUse}. */
  long mostUsed() {
    return mostInUse;
  }

  /** Begins to look for the most bytes in use anew. */
  void forgetUse() {
    mostInUse = inUse;
  }

  /** Most bytes held so far. */
  long peak() {
    return peak;
  }

  @Override
  public void close() {
    List.copyOf(spare).forEach(this::free);
    List.copyOf(used).forEach(this::free);
  }
}
