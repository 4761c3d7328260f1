package dev.syrinx.tensor;

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

  private final BlockSource source;
  private final long blockBytes;
  private final List<Block> blocks = new ArrayList<>();
  private int block;
  private long offset;
  private long reserved;

  /** Host memory. */
  public Workspace() {
    this(new BlockSource.Host(), BLOCK);
  }

  /** Memory of a source, which this closes; {@code blockBytes} at a time at least. */
  public Workspace(BlockSource source, long blockBytes) {
    this.source = source;
    this.blockBytes = blockBytes;
  }

  private record Block(MemorySegment memory, long bytes) {}

  /** Uninitialised memory that lives until the innermost open scope ends. */
  public MemorySegment allocate(long bytes) {
    long alignment = source.alignment();
    long size = Math.max(alignment, (bytes + alignment - 1) / alignment * alignment);
    while (block < blocks.size() && offset + size > blocks.get(block).bytes) {
      block++;
      offset = 0;
    }
    if (block == blocks.size()) {
      long wanted = Math.max(size, blockBytes);
      blocks.add(new Block(source.block(wanted), wanted));
      reserved += wanted;
      offset = 0;
    }
    MemorySegment result = BlockSource.part(blocks.get(block).memory, offset, bytes);
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
    source.close();
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
