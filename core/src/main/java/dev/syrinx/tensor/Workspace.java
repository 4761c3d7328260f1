package dev.syrinx.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Temporaries of a forward pass: a bump allocator with scopes. Memory is kept when a scope ends, so that a steady state allocates nothing.
 *
 * <p>Not thread-safe: one forward pass at a time uses a workspace.
 */
public final class Workspace implements AutoCloseable {
  /** Alignment of every tensor: a cache line and a 512-bit vector. */
  public static final long ALIGNMENT = 64;

  private static final long BLOCK = 16L << 20;

  private final Arena arena = Arena.ofShared();
  private final List<MemorySegment> blocks = new ArrayList<>();
  private int block;
  private long offset;
  private long reserved;

  /** Uninitialised memory that lives until the innermost open scope ends. */
  public MemorySegment allocate(long bytes) {
    long size = Math.max(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    while (block < blocks.size() && offset + size > blocks.get(block).byteSize()) {
      block++;
      offset = 0;
    }
    if (block == blocks.size()) {
      long blockSize = Math.max(size, BLOCK);
      blocks.add(arena.allocate(blockSize, ALIGNMENT));
      reserved += blockSize;
      offset = 0;
    }
    MemorySegment result = blocks.get(block).asSlice(offset, bytes);
    offset += size;
    return result;
  }

  /** Everything allocated after this call is given back when the scope is closed. */
  public Scope scope() {
    return new Scope(block, offset);
  }

  /** Bytes held, used or not: the high-water mark. */
  public long reservedBytes() {
    return reserved;
  }

  @Override
  public void close() {
    arena.close();
  }

  /** A mark to return to. */
  public final class Scope implements AutoCloseable {
    private final int savedBlock;
    private final long savedOffset;

    private Scope(int savedBlock, long savedOffset) {
      this.savedBlock = savedBlock;
      this.savedOffset = savedOffset;
    }

    @Override
    public void close() {
      block = savedBlock;
      offset = savedOffset;
    }
  }
}
