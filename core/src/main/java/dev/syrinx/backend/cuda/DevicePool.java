package dev.syrinx.backend.cuda;

import dev.syrinx.backend.cuda.FreeSpace.Piece;
import dev.syrinx.ffi.cuda.CudaContext;
import dev.syrinx.ffi.cuda.DeviceMemory;
import dev.syrinx.ffi.cuda.DeviceOutOfMemoryException;
import dev.syrinx.tensor.BlockSource;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All memory that the engine holds on a device, counted against its limit.
 *
 * <p>What is given back is kept and handed out again without waiting: all work is in the order of one stream, so whoever gets a piece next writes to it after those who had it
 * before have read it. The driver's own allocation waits for the device, which a recording per sentence must not.
 */
final class DevicePool implements AutoCloseable {
  /** Alignment of everything: what the driver gives, and enough for any vector load or tensor copy. */
  static final long ALIGNMENT = 256;

  /** The driver rounds its allocations up to this. */
  private static final long GRANULE = 2L << 20;

  private static final long LARGEST_BLOCK = 64L << 20;

  private final CudaContext context;
  private final long limit;
  private final Map<Long, DeviceMemory> regions = new HashMap<>();
  private final Set<Piece> used = new HashSet<>();
  private final FreeSpace free = new FreeSpace();
  private final List<Runnable> relief = new ArrayList<>();
  private long bytes;
  private boolean exhausted;
  private long permanent;
  private long peak;
  private long inUse;
  private long mostInUse;
  private long nextBlock = GRANULE;

  DevicePool(CudaContext context, long limit) {
    this.context = context;
    this.limit = limit;
  }

  /** Who gives back what it does not need when there is no room. */
  void relievedBy(Runnable giver) {
    relief.add(giver);
  }

  /** The giver has nothing more to give. */
  void relievedNoMoreBy(Runnable giver) {
    relief.remove(giver);
  }

  /** Memory to the end of the pool. Regions for small pieces are ever larger ones, because each allocation of the driver takes time. */
  MemorySegment permanent(long size) {
    long before = bytes;
    Piece made = take(size, nextBlock);
    if (bytes > before) {
      nextBlock = Math.min(LARGEST_BLOCK, 2 * nextBlock);
    }
    permanent += made.bytes();
    return MemorySegment.ofAddress(made.address());
  }

  /**
   * A piece of at least this size.
   *
   * @throws DeviceOutOfMemoryException beyond the limit, or where the device has no more; everything that was there stays
   */
  Piece take(long size) {
    return take(size, GRANULE);
  }

  private Piece take(long size, long region) {
    long rounded = Math.max(ALIGNMENT, up(size, ALIGNMENT));
    Piece piece = free.take(rounded).orElseGet(() -> {
      grow(rounded, region);
      return free.take(rounded).orElseThrow();
    });
    used.add(piece);
    inUse += piece.bytes();
    mostInUse = Math.max(mostInUse, inUse);
    return piece;
  }

  /** Gives what nobody uses back to the driver, where all of a region is free. */
  void release() {
    for (Piece piece : free.all()) {
      DeviceMemory region = regions.get(piece.region());
      if (region.bytes() == piece.bytes()) {
        free.remove(piece);
        regions.remove(piece.region());
        bytes -= region.bytes();
        region.close();
      }
    }
  }

  /** Begins afresh if there was no room: regions of the sizes that a request which failed asked for would lie in the way of others. */
  void recover() {
    if (exhausted) {
      exhausted = false;
      relief.forEach(Runnable::run);
      release();
    }
  }

  /** One more region with room for a piece. */
  private void grow(long size, long region) {
    long least = up(size, GRANULE);
    try {
      allocate(size, size > region / 4 ? least : region);
    } catch (DeviceOutOfMemoryException e) {
      exhausted = true;
      relief.forEach(Runnable::run);
      release();
      allocate(size, least);
    }
  }

  private void allocate(long size, long region) {
    if (size > limit - bytes) {
      throw new DeviceOutOfMemoryException(
          "allocation of " + size + " bytes", String.format("%,d of the %,d bytes that this engine may hold are in use; raise the limit, or use a smaller precision", bytes, limit));
    }
    DeviceMemory memory = DeviceMemory.allocate(context, Math.min(region, limit - bytes));
    bytes += memory.bytes();
    peak = Math.max(peak, bytes);
    regions.put(memory.address(), memory);
    free.give(new Piece(memory.address(), memory.address(), memory.bytes()));
  }

  private static long up(long size, long step) {
    return (size + step - 1) / step * step;
  }

  /** Takes back; the memory may still be in use by work that was started. */
  void give(Piece piece) {
    if (used.remove(piece)) {
      inUse -= piece.bytes();
      free.give(piece);
    }
  }

  /** Blocks for a workspace. */
  BlockSource blocks() {
    return new Blocks();
  }

  private final class Blocks implements BlockSource {
    private final Map<Long, Piece> mine = new HashMap<>();

    @Override
    public MemorySegment block(long size) {
      Piece piece = take(size);
      mine.put(piece.address(), piece);
      return MemorySegment.ofAddress(piece.address());
    }

    @Override
    public long alignment() {
      return ALIGNMENT;
    }

    @Override
    public boolean release(MemorySegment block) {
      give(mine.remove(block.address()));
      return true;
    }

    @Override
    public void close() {
      mine.values().forEach(DevicePool.this::give);
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
    regions.values().forEach(DeviceMemory::close);
    regions.clear();
  }
}
