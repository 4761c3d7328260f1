package dev.syrinx.decode;

import dev.syrinx.model.gpt.KvPool;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Which block holds each run of positions of each beam: the host's counterpart of {@link dev.syrinx.kernels.sample.AdvanceBeams}. Beams share blocks until one has to write into a
 * block that an earlier beam has, too; then it gets one of its own, into which the other's beginning is copied.
 */
final class BlockTable implements AutoCloseable {
  private final KvPool pool;
  private final int beams;
  private final BitSet live = new BitSet();
  private final int[] from;
  private final int[] to;
  private int[] owned = {};
  private Lineage table;
  private int columns;
  private int length;
  private int fill;

  /** @param chain blocks of the prompt, which all beams share */
  BlockTable(KvPool pool, int beams, int[] chain, int prompt, int columns) {
    this.pool = pool;
    this.beams = beams;
    this.columns = Math.max(columns, chain.length);
    table = new Lineage(beams, this.columns);
    for (int beam = 0; beam < beams; beam++) {
      System.arraycopy(chain, 0, table.of(beam), 0, chain.length);
    }
    from = new int[beams];
    to = new int[beams];
    length = prompt;
  }

  /** Positions of each beam. */
  int length() {
    return length;
  }

  /** Blocks of a beam at most. */
  int columns() {
    return columns;
  }

  /** Blocks of a beam. */
  int[] of(int beam) {
    return table.of(beam);
  }

  /** Slot of a beam's last position. */
  int slot(int beam) {
    int last = length - 1;
    return table.of(beam)[last / pool.blockSize()] * pool.blockSize() + last % pool.blockSize();
  }

  /** Block whose beginning a beam's block must get; of no meaning where {@link #fill} is 0. */
  int from(int beam) {
    return from[beam];
  }

  /** Block that gets it. */
  int to(int beam) {
    return to[beam];
  }

  /** Positions to copy for a beam before the next step. */
  int fill(int beam) {
    return to[beam] < 0 ? 0 : fill;
  }

  /** Reorders the beams and gives each a place for its next position. The pool may grow. */
  void advance(int[] parents) {
    table.fork(parents, pool.blocksOf(length));
    int column = length / pool.blockSize();
    fill = length % pool.blockSize();
    if (column >= columns) {
      columns = Math.max(columns + 16, columns * 3 / 2);
      table = table.grown(columns);
    }
    Arrays.fill(to, -1);
    mark();
    for (int beam = 0; beam < beams; beam++) {
      int[] row = table.of(beam);
      if (fill == 0 || shared(beam, column)) {
        from[beam] = row[column];
        row[column] = free();
        to[beam] = fill == 0 ? -1 : row[column];
      }
    }
    length++;
  }

  private boolean shared(int beam, int column) {
    for (int other = 0; other < beam; other++) {
      if (table.of(other)[column] == table.of(beam)[column]) {
        return true;
      }
    }
    return false;
  }

  private void mark() {
    live.clear();
    for (int beam = 0; beam < beams; beam++) {
      for (int c = 0; c < pool.blocksOf(length); c++) {
        live.set(table.of(beam)[c]);
      }
    }
  }

  /** An own block that no beam names. */
  private int free() {
    for (int block : owned) {
      if (!live.get(block)) {
        live.set(block);
        return block;
      }
    }
    int block = pool.take(1)[0];
    owned = Arrays.copyOf(owned, owned.length + 1);
    owned[owned.length - 1] = block;
    live.set(block);
    return block;
  }

  /** Positions of the blocks that some beam names. */
  int used() {
    mark();
    return live.cardinality() * pool.blockSize();
  }

  @Override
  public void close() {
    pool.release(owned);
    owned = new int[0];
  }
}
