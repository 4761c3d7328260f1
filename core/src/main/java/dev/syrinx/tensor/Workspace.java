package dev.syrinx.tensor;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
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
    if (block == blocks.size() || offset + size > blocks.get(block).bytes) {
      turn(size);
    }
    MemorySegment result = BlockSource.part(blocks.get(block).memory, offset, bytes);
    offset += size;
    return result;
  }

  /** Goes on in the smallest free block that is large enough, or in a new one. */
  private void turn(long size) {
    int next = firstFree();
    int best = -1;
    for (int i = next; i < blocks.size(); i++) {
      if (blocks.get(i).bytes >= size && (best < 0 || blocks.get(i).bytes < blocks.get(best).bytes)) {
        best = i;
      }
    }
    if (best >= 0) {
      Collections.swap(blocks, next, best); // the order of free blocks is nobody's business
    } else {
      long wanted = Math.max(size, blockBytes);
      MemorySegment memory = source.block(wanted); // may trim
      blocks.add(next, new Block(memory, wanted));
      reserved += wanted;
    }
    block = next;
    offset = 0;
  }

  /** Index of the first block that holds nothing now. */
  private int firstFree() {
    return offset > 0 ? block + 1 : block;
  }

  /** Gives back blocks that hold nothing now, where the source can take them; returns how many bytes that was. */
  public long trim() {
    long before = reserved;
    while (blocks.size() > firstFree() && source.release(blocks.getLast().memory)) {
      reserved -= blocks.removeLast().bytes;
    }
    return before - reserved;
  }

  /** Everything allocated after this call is given back when the scope is closed. */
  public Scope scope() {
    return new Scope(block, offset);
  }

  /** Whether nothing is allocated now. */
  public boolean empty() {
    return block == 0 && offset == 0;
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
