package dev.syrinx.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Where a {@link Workspace} gets its blocks from: the host, or a device, whose blocks are segments without length. */
public interface BlockSource extends AutoCloseable {
  /** An uninitialised block of this many bytes, aligned to {@link #alignment}. */
  MemorySegment block(long bytes);

  /** Alignment of blocks, and of everything cut from them. */
  long alignment();

  /** Gives one block back, where that is possible. */
  default boolean release(MemorySegment block) {
    return false;
  }

  /** Gives all blocks back. */
  @Override
  void close();

  /** Part of a block. */
  static MemorySegment part(MemorySegment block, long offset, long bytes) {
    return block.byteSize() == 0 ? MemorySegment.ofAddress(block.address() + offset) : block.asSlice(offset, bytes);
  }

  /** Memory of the host. */
  final class Host implements BlockSource {
    private final Arena arena = Arena.ofShared();

    @Override
    public MemorySegment block(long bytes) {
      return arena.allocate(bytes, alignment());
    }

    @Override
    public long alignment() {
      return Workspace.ALIGNMENT;
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
