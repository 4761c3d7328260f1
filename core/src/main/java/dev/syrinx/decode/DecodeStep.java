package dev.syrinx.decode;

import dev.syrinx.backend.Replay;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.model.gpt.Slots;
import dev.syrinx.tensor.Tensor;

/** The decoder's step for all beams, recorded once for a cache and replayed for every code. */
final class DecodeStep implements AutoCloseable {
  private static final int IDS = 0;
  private static final int POSITIONS = 1;
  private static final int WRITTEN = 2;
  private static final int LENGTHS = 3;
  private static final int TABLE = 4;

  private final int beams;
  private final int slots;
  private final ControlBlock control;
  private final Replay replay;
  private boolean known;

  /**
   * Records. Allocates in the open scope, which must outlive this.
   *
   * @param logits written by every step {@code [beams, vocabulary]}
   */
  DecodeStep(GptSession session, int beams, Tensor logits) {
    this.beams = beams;
    slots = session.cache().slots();
    control = new ControlBlock(session.ops(), beams, beams, beams, beams, Math.multiplyExact(beams, slots));
    Slots where = new Slots(control.ints(WRITTEN, beams), control.ints(TABLE, beams, slots), control.ints(LENGTHS, beams));
    replay = session.ops().backend().capture(() -> session
        .gpt().step(session.ops(), control.ints(IDS, beams), control.ints(POSITIONS, beams), session.cache(), where, logits));
  }

  /**
   * Feeds a code to each beam.
   *
   * @param tokens the codes
   * @param position their position, the same for all
   * @param table where the beams lie, the new position included
   */
  void run(int[] tokens, int position, SlotTable table) {
    int last = table.length() - 1;
    for (int beam = 0; beam < beams; beam++) {
      control.set(IDS, beam, tokens[beam]);
      control.set(POSITIONS, beam, position);
      control.set(WRITTEN, beam, table.of(beam)[last]);
      control.set(LENGTHS, beam, last + 1);
      control.copy(TABLE, beam * slots, table.of(beam), table.reordered() || !known ? 0 : last, last + 1);
    }
    known = true;
    control.push();
    replay.run();
  }

  /** Recorded calls. */
  int size() {
    return replay.size();
  }

  @Override
  public void close() {
    replay.close();
    control.close();
  }
}
