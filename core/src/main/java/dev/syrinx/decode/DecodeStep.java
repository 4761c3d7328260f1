package dev.syrinx.decode;

import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.kernels.attention.CopyBlocks;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.model.gpt.KvPool;
import dev.syrinx.model.gpt.Slots;
import dev.syrinx.tensor.Tensor;

/** The decoder's step for all beams, recorded once for a pool and replayed for every code; the host says where everything lies. */
final class DecodeStep implements AutoCloseable {
  private static final int IDS = 0;
  private static final int POSITIONS = 1;
  private static final int WRITTEN = 2;
  private static final int LENGTHS = 3;
  private static final int TABLE = 4;
  private static final int PAIRS = 5;
  private static final int FILLS = 6;

  private final int beams;
  private final int columns;
  private final int version;
  private final ControlBlock control;
  private final Replay replay;

  /**
   * Records. Allocates in the open scope, which must outlive this.
   *
   * @param columns blocks of a beam at most
   * @param logits written by every step {@code [beams, vocabulary]}
   */
  DecodeStep(GptSession session, int beams, int columns, Tensor logits) {
    this.beams = beams;
    this.columns = columns;
    Ops ops = session.ops();
    version = session.pool().version();
    control = new ControlBlock(ops, beams, beams, beams, beams, Math.multiplyExact(beams, columns), 2 * beams, beams);
    replay = ops.backend().capture(() -> step(session, ops, logits));
  }

  private void step(GptSession session, Ops ops, Tensor logits) {
    KvPool pool = session.pool();
    if (beams > 1) {
      copy(ops, pool, control.ints(PAIRS, beams, 2), control.ints(FILLS, beams));
    }
    Slots where = new Slots(control.ints(WRITTEN, beams), control.ints(TABLE, beams, columns), control.ints(LENGTHS, beams), pool.blockSize());
    session.gpt().step(ops, control.ints(IDS, beams), control.ints(POSITIONS, beams), pool.cache(), where, logits);
  }

  /** Copies what beams share into blocks of their own. */
  static void copy(Ops ops, KvPool pool, Tensor pairs, Tensor fills) {
    ops.run(CopyBlocks.SPEC
        .arguments().set("pairs", pairs.view()).set("fills", fills.view()).set("pool", pool.planes().words().view()).set("blocks", pool.blocks())
        .set("block_size", pool.blockSize()));
  }

  /** Whether it can go on: the pool and the table are what they were. */
  boolean fits(KvPool pool, BlockTable table) {
    return pool.version() == version && table.columns() == columns;
  }

  /**
   * Feeds a code to each beam.
   *
   * @param tokens the codes
   * @param position their position, the same for all
   * @param table where the beams lie, the new position included
   */
  void run(int[] tokens, int position, BlockTable table) {
    for (int beam = 0; beam < beams; beam++) {
      control.set(IDS, beam, tokens[beam]);
      control.set(POSITIONS, beam, position);
      control.set(WRITTEN, beam, table.slot(beam));
      control.set(LENGTHS, beam, table.length());
      control.copy(TABLE, beam * columns, table.of(beam), 0, columns);
      control.set(PAIRS, 2 * beam, table.fill(beam) == 0 ? 0 : table.from(beam));
      control.set(PAIRS, 2 * beam + 1, table.fill(beam) == 0 ? 0 : table.to(beam));
      control.set(FILLS, beam, table.fill(beam));
    }
    control.push();
    replay.run();
  }

  @Override
  public void close() {
    replay.close();
    control.close();
  }
}
