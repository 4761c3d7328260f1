package dev.syrinx.kernels.attention;

import static dev.syrinx.kernels.Memory.address;

import dev.syrinx.kernels.Arguments;
import java.lang.foreign.MemorySegment;

/**
 * Vector body of {@link Attention}: blocks of queries by blocks of keys with a running softmax (Milakov, Gimelshein 2018; Dao et al. 2022),
 * so that scores never leave the cache.
 *
 * <p>A unit is one block of queries of one head. The keys and values of a head are packed once for all of a thread's units of that head.
 */
final class AttentionVector {
  /** Queries of a unit: a multiple of the tile's rows. */
  static final int ROWS = 12 * AttentionTile.ROWS;

  /** Keys of a block: the row length of a tile's sums. */
  static final int KEYS = 64;

  /** Bytes of a row of scores or of one panel of an output. */
  static final long ROW = KEYS * 4L;

  private AttentionVector() {}

  static int units(Arguments a) {
    return a.i32("batch") * a.i32("heads") * blocks(a);
  }

  private static int blocks(Arguments a) {
    return (a.dim("tq") / a.i32("batch") + ROWS - 1) / ROWS;
  }

  static long scratchBytes(Arguments a) {
    return new AttentionPlan(a, 0).bytes();
  }

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    if (a.i32("batch") == 1) {
      one(a, begin, end, scratch);
      return;
    }
    int each = units(a) / a.i32("batch");
    for (int unit = begin; unit < end; unit = (unit / each + 1) * each) {
      one(Attention.sequence(a, unit / each), unit % each, Math.min(each, end - unit / each * each), scratch);
    }
  }

  private static void one(Arguments a, int begin, int end, MemorySegment scratch) {
    AttentionPlan s = new AttentionPlan(a, scratch.address());
    int blocks = blocks(a);
    int perGroup = a.i32("heads") / a.i32("kv_heads");
    int packed = -1;
    for (int unit = begin; unit < end; unit++) {
      int head = unit / blocks;
      if (head / perGroup != packed) {
        packed = head / perGroup;
        AttentionPack.pack(a, s, packed);
      }
      int row0 = unit % blocks * ROWS;
      block(a, s, head, row0, Math.min(ROWS, a.dim("tq") - row0));
    }
  }

  /** Queries row0 to row0 + count − 1 of one head. */
  private static void block(Arguments a, AttentionPlan s, int head, int row0, int count) {
    AttentionRows.clear(s);
    if (a.has("relative")) {
      AttentionPack.relative(a, s, head, row0, count);
    }
    long qRow = a.stride("q") * 4;
    long q = address(a, "q") + row0 * qRow + (long) head * s.d * 4;
    int last = s.visible(row0 + count - 1);
    for (int key0 = s.firstKey, b = 0; key0 < last; key0 += KEYS, b++) {
      AttentionTile.multiply(q, qRow, count, s.d, s.keys + (long) b * s.d * ROW, s.scores);
      for (int r = 0; r < count; r++) {
        AttentionRows.row(s, r, key0 - row0 - r, s.visible(row0 + r) - key0);
      }
      int n = Math.min(KEYS, last - key0);
      for (int panel = 0; panel < s.panels; panel++) {
        AttentionTile.multiply(s.scores, ROW, count, n, s.values(panel) + (long) b * KEYS * ROW, s.products);
        AttentionRows.accumulate(s, count, s.output(panel));
      }
    }
    long yRow = a.stride("y") * 4;
    long y = address(a, "y") + row0 * yRow + (long) head * s.dv * 4;
    for (int r = 0; r < count; r++) {
      AttentionRows.finish(s, r, s.visible(row0 + r) > s.firstKey, y + r * yRow);
    }
  }
}
