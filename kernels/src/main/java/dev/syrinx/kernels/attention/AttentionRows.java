package dev.syrinx.kernels.attention;

import static dev.syrinx.kernels.Memory.get;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.set;
import static dev.syrinx.kernels.Memory.spread;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The running softmax of {@link AttentionVector}, one query at a time over one block of 64 keys. */
final class AttentionRows {
  private static final int KEYS = AttentionVector.KEYS;

  private AttentionRows() {}

  /** Nothing seen yet. */
  static void clear(AttentionPlan s) {
    zero(s.output(0), (long) s.panels * AttentionVector.ROWS * KEYS);
    zero(s.sums, AttentionVector.ROWS * 16L);
    for (int r = 0; r < AttentionVector.ROWS; r++) {
      set(s.most + r * 4L, Float.NEGATIVE_INFINITY);
    }
  }

  /** Zeros; {@code floats} is a multiple of 16. */
  static void zero(long address, long floats) {
    FloatVector zero = FloatVector.zero(F);
    for (long i = 0; i < floats * 4; i += LANES * 4L) {
      store(zero, address + i);
    }
  }

  /**
   * Scores of row r to weights relative to the largest score so far; what was summed before is scaled to it.
   *
   * @param distance the block's first key minus the query
   * @param seen keys of the block that the query sees; may be negative, or more than a block
   */
  static void row(AttentionPlan s, int r, int distance, int seen) {
    long scores = s.scores + r * AttentionVector.ROW;
    if (seen <= 0) {
      zero(scores, KEYS);
      set(s.factors + r * 4L, 1f);
      return;
    }
    if (s.span != 0) {
      int start = Math.clamp(distance + s.left, -KEYS, s.span) + KEYS;
      add(s.relative + r * s.relativeRow() + start * 4L, scores);
    }
    for (int j = seen; j < KEYS; j++) {
      set(scores + j * 4L, Float.NEGATIVE_INFINITY);
    }
    float before = get(s.most + r * 4L);
    float most = Math.max(before, largest(scores));
    float shift = most == Float.NEGATIVE_INFINITY ? 0 : most;
    float factor = before == most ? 1 : before == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(before - shift);
    set(s.most + r * 4L, most);
    set(s.factors + r * 4L, factor);
    weigh(scores, shift, s.sums + r * 64L, factor);
  }

  private static void add(long relative, long scores) {
    for (int j = 0; j < KEYS; j += LANES) {
      store(load(scores + j * 4L).add(load(relative + j * 4L)), scores + j * 4L);
    }
  }

  /** The largest of 64 scores. NaN may be passed over: its weight is NaN whatever the maximum is. */
  private static float largest(long scores) {
    FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < KEYS; j += LANES) {
      FloatVector v = load(scores + j * 4L);
      most = most.blend(v, v.compare(VectorOperators.GT, most));
    }
    return VectorMath.max(most);
  }

  private static void weigh(long scores, float most, long sums, float factor) {
    FloatVector m = FloatVector.broadcast(F, most);
    FloatVector sum = load(sums).mul(factor);
    for (int j = 0; j < KEYS; j += LANES) {
      FloatVector weight = VectorMath.expOfNegative(load(scores + j * 4L).sub(m));
      store(weight, scores + j * 4L);
      sum = sum.add(weight);
    }
    store(sum, sums);
  }

  /** Outputs so far, times the rows' factors, plus the products of a block. */
  static void accumulate(AttentionPlan s, int count, long output) {
    for (int r = 0; r < count; r++) {
      FloatVector factor = spread(s.factors + r * 4L);
      for (long o = r * AttentionVector.ROW; o < (r + 1) * AttentionVector.ROW; o += LANES * 4L) {
        store(load(output + o).fma(factor, load(s.products + o)), output + o);
      }
    }
  }

  /** Divides row r by its sum of weights. Without a key that it sees, it is zero. */
  static void finish(AttentionPlan s, int r, boolean sees, long y) {
    float sum = VectorMath.sum(load(s.sums + r * 64L));
    FloatVector factor = FloatVector.broadcast(F, sees ? 1 / sum : 0);
    for (int panel = 0; panel < s.panels; panel++) {
      long row = s.output(panel) + r * AttentionVector.ROW;
      for (int c = 0; c < KEYS; c += LANES) {
        store(load(row + c * 4L).mul(factor), row + c * 4L);
      }
      AttentionPack.out(row, Math.min(KEYS, s.dv - panel * KEYS), y + panel * AttentionVector.ROW);
    }
  }
}
