package dev.syrinx.decode;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.kernels.sample.AdvanceBeams;
import dev.syrinx.kernels.sample.DrawCodes;
import dev.syrinx.kernels.sample.ProcessScores;
import dev.syrinx.model.gpt.Gpt;
import dev.syrinx.model.gpt.KvPool;
import dev.syrinx.model.gpt.Slots;
import dev.syrinx.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A whole step of several sequences as one recording, from the codes that were said to those that are said next, and the state it works on. Steps follow each other without the host,
 * which looks at {@link #look} at what has ended.
 */
final class DecodeBatch implements AutoCloseable {
  static final int BEAMS = 0;
  static final int MOST = 1;
  static final int PENALTY = 2;
  static final int GREEDY = 3;
  static final int SEEDS = 4;
  static final int SETTINGS = 5;
  static final int OWNED = 6;
  static final int HELD = 7;
  static final int STEPS = 8; // the host looks at steps, ends and spare together
  static final int ENDS = 9;
  static final int SPARE = 10;
  static final int KEPT = 11;
  static final int SUMS = 12;
  static final int FINISHED_SUMS = 13;
  static final int FINISHED_AT = 14;
  static final int LENGTHS = 15;
  static final int IDS = 16;
  static final int POSITIONS = 17;
  static final int SLOTS = 18;
  static final int FILLS = 19;
  static final int PAIRS = 20;
  static final int TABLE = 21;
  static final int HISTORY = 22;
  static final int FINISHED = 23;
  static final int MARKS = 24;
  static final int DRAWN = 25;
  static final int PICKED = 26;

  private final Ops ops;
  private final Gpt gpt;
  private final KvPool pool;
  private final BatchShape shape;
  private final int version;
  private final Replay replay;
  private final Backend.Poll poll;
  private ControlBlock control;
  private Tensor logits;
  private Tensor state;
  private Tensor scores;
  private final int depth;
  private int looks;

  /**
   * Records.
   *
   * @param rowwise whether a sequence's codes must not depend on how many others there may be
   * @param depth most looks at a time
   */
  DecodeBatch(Ops ops, Gpt gpt, KvPool pool, BatchShape shape, boolean rowwise, int depth) {
    this.ops = ops;
    this.gpt = gpt;
    this.pool = pool;
    this.shape = shape;
    version = pool.version();
    replay = ops.backend().capture(this::record, rowwise);
    poll = ops.backend().poll(control.from(STEPS), 4 * control.distance(STEPS, KEPT), depth);
    this.depth = poll.immediate() ? 1 : depth;
  }

  BatchShape shape() {
    return shape;
  }

  /** Whether the pool is where it was when this was recorded. */
  boolean valid() {
    return pool.version() == version;
  }

  /** The numbers of all sequences, as they were pulled or will be pushed. */
  ControlBlock control() {
    return control;
  }

  private void record() {
    int s = shape.sequences();
    int rows = shape.rows();
    control = new ControlBlock(
        ops, s, s, s, s, s * DrawCodes.SEED_WORDS, s * ProcessScores.SETTINGS, s * shape.allotment(), s, s, s, s, s, rows, rows, rows, rows, rows, rows, rows, rows, 2 * rows,
        rows * shape.columns(), rows * shape.capacity(), rows * shape.capacity(), pool.blocks(), s * shape.draws(), s * shape.draws());
    logits = ops.empty(rows, gpt.vocabulary());
    scores = ops.empty(rows, gpt.vocabulary());
    if (shape.width() > 1) {
      DecodeStep.copy(ops, pool, control.ints(PAIRS, rows, 2), control.ints(FILLS, rows));
    }
    Slots where = new Slots(control.ints(SLOTS, rows), control.ints(TABLE, rows, shape.columns()), control.ints(LENGTHS, rows), pool.blockSize());
    state = gpt.step(ops, control.ints(IDS, rows), control.ints(POSITIONS, rows), pool.cache(), where, logits);
    sample();
  }

  /** From logits to the next step's codes and places. */
  private void sample() {
    int s = shape.sequences();
    int rows = shape.rows();
    ops.run(ProcessScores.SPEC
        .arguments().set("x", logits.view()).set("history", control.ints(HISTORY, rows, shape.capacity()).view()).set("steps", control.ints(STEPS, s).view())
        .set("beams", control.ints(BEAMS, s).view()).set("settings", control.floats(SETTINGS, s, ProcessScores.SETTINGS).view()).set("y", scores.view()));
    ops.run(DrawCodes.SPEC
        .arguments().set("scores", scores.view()).set("sums", control.floats(SUMS, rows).view()).set("beams", control.ints(BEAMS, s).view())
        .set("steps", control.ints(STEPS, s).view()).set("greedy", control.ints(GREEDY, s).view()).set("seeds", control.ints(SEEDS, s, DrawCodes.SEED_WORDS).view())
        .set("drawn", control.ints(DRAWN, s, shape.draws()).view()).set("picked", control.floats(PICKED, s, shape.draws()).view()).set("capacity", shape.capacity()));
    advance(s, rows);
  }

  private void advance(int s, int rows) {
    ops.run(AdvanceBeams.SPEC
        .arguments().set("drawn", control.ints(DRAWN, s, shape.draws()).view()).set("picked", control.floats(PICKED, s, shape.draws()).view())
        .set("beams", control.ints(BEAMS, s).view()).set("most", control.ints(MOST, s).view()).set("penalty", control.floats(PENALTY, s).view())
        .set("owned", control.ints(OWNED, s, shape.allotment()).view()).set("held", control.ints(HELD, s).view()).set("steps", control.ints(STEPS, s).view())
        .set("ends", control.ints(ENDS, s).view()).set("kept", control.ints(KEPT, s).view()).set("spare", control.ints(SPARE, s).view())
        .set("sums", control.floats(SUMS, rows).view()).set("history", control.ints(HISTORY, rows, shape.capacity()).view())
        .set("finished", control.ints(FINISHED, rows, shape.capacity()).view()).set("finished_sums", control.floats(FINISHED_SUMS, rows).view())
        .set("finished_at", control.ints(FINISHED_AT, rows).view()).set("table", control.ints(TABLE, rows, shape.columns()).view())
        .set("marks", control.ints(MARKS, pool.blocks()).view()).set("lengths", control.ints(LENGTHS, rows).view()).set("ids", control.ints(IDS, rows).view())
        .set("positions", control.ints(POSITIONS, rows).view()).set("slots", control.ints(SLOTS, rows).view()).set("pairs", control.ints(PAIRS, rows, 2).view())
        .set("fills", control.ints(FILLS, rows).view()).set("vocabulary", gpt.vocabulary()).set("stop", gpt.config().stopCode()).set("block_size", pool.blockSize()));
  }

  /** All places idle: they attend to nothing and write nothing. */
  void clear() {
    for (int s = 0; s < shape.sequences(); s++) {
      control.set(BEAMS, s, 1);
      control.set(MOST, s, 1);
      control.set(HELD, s, 0);
      control.set(STEPS, s, 0);
      control.set(ENDS, s, AdvanceBeams.FULL);
    }
    for (int r = 0; r < shape.rows(); r++) {
      control.set(LENGTHS, r, 0);
      control.set(IDS, r, 0);
      control.set(POSITIONS, r, 0);
      control.set(SLOTS, r, -1);
      control.set(FILLS, r, 0);
      control.set(SUMS, r, 0f);
    }
    control.fill(TABLE, 0, shape.rows() * shape.columns(), 0);
    control.fill(HISTORY, 0, shape.rows() * shape.capacity(), 0);
    control.fill(MARKS, 0, pool.blocks(), 0);
    control.fill(PAIRS, 0, 2 * shape.rows(), 0);
  }

  /** The first codes of a sequence, from its prompt's logits {@code [1, vocabulary]}, as the only one. */
  void first(Tensor prompt) {
    for (int r = 0; r < shape.rows(); r++) {
      ops.copyInto(prompt, logits.rows(r, r + 1));
    }
    sample();
  }

  /** One step of all sequences, and a look at what it did. */
  void step() {
    replay.run();
    poll.start();
    looks++;
  }

  /** The last block's output for the first beam of a sequence, as the last step that was started leaves it {@code [1, d]}. */
  Tensor state(int s) {
    return state.rows(s * shape.width(), s * shape.width() + 1);
  }

  /** Looks that were started and not awaited. */
  int looks() {
    return looks;
  }

  /** Whether another step may be started before the oldest look was awaited. */
  boolean ready() {
    return looks < depth;
  }

  /** Waits for the oldest look. */
  MemorySegment look() {
    looks--;
    return poll.await();
  }

  /** How a sequence stood at a look. */
  int end(MemorySegment look, int s) {
    return look.getAtIndex(ValueLayout.JAVA_INT, control.distance(STEPS, ENDS) + s);
  }

  /** Blocks of its own that a sequence had left at a look. */
  int spare(MemorySegment look, int s) {
    return look.getAtIndex(ValueLayout.JAVA_INT, control.distance(STEPS, SPARE) + s);
  }

  @Override
  public void close() {
    poll.close();
    replay.close();
    control.close();
  }
}
