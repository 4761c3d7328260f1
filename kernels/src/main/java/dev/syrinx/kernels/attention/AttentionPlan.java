package dev.syrinx.kernels.attention;

import dev.syrinx.kernels.Arguments;

/**
 * What a run of {@link AttentionVector} knows: the call's scalars, read once because looking them up by name takes as long as a row, and
 * its scratch memory.
 */
final class AttentionPlan {
  private static final int WIDTH = AttentionVector.KEYS;

  /** Keys from here on are seen. */
  final int firstKey;

  /** Keys of the relative term to the left of a query. */
  final int left;

  /** Columns of a key head and of a value head. */
  final int d;

  final int dv;

  /** Runs of up to 64 value columns. */
  final int panels;

  /** Columns of the relative term for each head; 0 without. */
  final int span;

  /** [blocks of keys][d][64]: keys transposed, times the scale. */
  final long keys;

  /** [ROWS][64]. */
  final long scores;

  /** [ROWS][64]: weights times values of one block. */
  final long products;

  /** [ROWS]: the largest score so far. */
  final long most;

  /** [ROWS]: what the last block scales earlier sums by. */
  final long factors;

  /** [ROWS][16]: sums of weights, lane by lane. */
  final long sums;

  /** [ROWS][64 + span + 64]: relative rows, times the scale, with their ends repeated. */
  final long relative;

  private final int lastKey;
  private final int ahead;
  private final int padded;
  private final long values;
  private final long outputs;
  private final long end;

  AttentionPlan(Arguments a, long base) {
    firstKey = a.i32("first_key");
    lastKey = a.i32("last_key");
    ahead = a.i32("causal") != 0 ? a.i32("past") + 1 : Integer.MAX_VALUE;
    left = a.i32("left");
    d = a.dim("q_width") / a.i32("heads");
    dv = a.dim("v_width") / a.i32("kv_heads");
    panels = (dv + WIDTH - 1) / WIDTH;
    span = a.has("relative") ? a.dim("relative_width") / a.i32("heads") : 0;
    padded = (Math.max(0, lastKey - firstKey) + WIDTH - 1) / WIDTH * WIDTH;
    keys = base;
    values = keys + 4L * padded * d;
    outputs = values + 4L * padded * panels * WIDTH;
    scores = outputs + (long) panels * AttentionVector.ROWS * AttentionVector.ROW;
    products = scores + AttentionVector.ROWS * AttentionVector.ROW;
    most = products + AttentionVector.ROWS * AttentionVector.ROW;
    factors = most + 4L * AttentionVector.ROWS;
    sums = factors + 4L * AttentionVector.ROWS;
    relative = sums + 64L * AttentionVector.ROWS;
    end = relative + (span == 0 ? 0 : AttentionVector.ROWS * relativeRow());
  }

  /** Where the keys that query i sees end. */
  int visible(int i) {
    return (int) Math.min(lastKey, (long) i + ahead);
  }

  long bytes() {
    return end - keys;
  }

  /** Bytes of a relative row. */
  long relativeRow() {
    return 4L * (2 * WIDTH + span);
  }

  /** [keys][64]: a panel of value columns, filled up with zeros. */
  long values(int panel) {
    return values + 4L * padded * panel * WIDTH;
  }

  /** [ROWS][64]. */
  long output(int panel) {
    return outputs + (long) panel * AttentionVector.ROWS * AttentionVector.ROW;
  }
}
