package dev.syrinx.kernels.attention;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.KernelArgumentException;
import java.lang.foreign.MemorySegment;

/**
 * Where the positions of one sequence lie in a paged cache, read from its block table, and which of them follow each other.
 *
 * @param table block numbers of all sequences
 * @param first element of the table where the sequence's row starts
 * @param size positions of a block
 * @param blocks blocks of the cache
 * @param length positions of the sequence
 */
record PagedRows(MemorySegment table, long first, int size, int blocks, int length) {
  static PagedRows of(Arguments a, int b, int length) {
    int size = a.i32("block_size");
    return new PagedRows(a.segment("table"), b * a.stride("table"), size, a.dim("slots") / size, length);
  }

  /**
   * The cache row of a position.
   *
   * @throws KernelArgumentException if the table names a block that the cache does not have
   */
  long row(int position) {
    int block = Cells.getInt(table, first + position / size);
    if (block < 0 || block >= blocks) {
      throw new KernelArgumentException(
          "decode_attention", "table", "holds " + block + " for position " + position + ", outside 0.." + (blocks - 1));
    }
    return (long) block * size + position % size;
  }

  /**
   * How many positions from this one on, at most {@code most}, lie in consecutive rows: blocks that happen to follow each other are one
   * run.
   */
  int run(int position, int most) {
    int end = Math.min(length, position + most);
    long start = row(position) - position;
    int next = position + 1;
    while (next < end && row(next) - next == start) {
      next++;
    }
    return next - position;
  }
}
