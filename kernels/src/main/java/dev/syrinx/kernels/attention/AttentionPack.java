package dev.syrinx.kernels.attention;

import static dev.syrinx.kernels.Memory.address;
import static dev.syrinx.kernels.Memory.copy;
import static dev.syrinx.kernels.Memory.get;
import static dev.syrinx.kernels.Memory.load;
import static dev.syrinx.kernels.Memory.set;
import static dev.syrinx.kernels.Memory.store;
import static dev.syrinx.kernels.Species.LANES;

import dev.syrinx.kernels.Arguments;

/** Copies of a head's keys, values and relative rows in the order that {@link AttentionVector}'s loops want. */
final class AttentionPack {
  private static final int KEYS = AttentionVector.KEYS;

  private AttentionPack() {}

  /** Keys and values of key head {@code group}, from the first to the last that is not masked. */
  static void pack(Arguments a, AttentionPlan s, int group) {
    int first = a.i32("first_key");
    int count = a.i32("last_key") - first;
    long k = address(a, "k") + (first * a.stride("k") + (long) group * s.d) * 4;
    long v = address(a, "v") + (first * a.stride("v") + (long) group * s.dv) * 4;
    long kRow = a.stride("k") * 4;
    long vRow = a.stride("v") * 4;
    float scale = a.f32("scale");
    for (int j = 0; j < count; j++) {
      long block = s.keys + (long) (j / KEYS) * s.d * KEYS * 4;
      transpose(k + j * kRow, s.d, scale, block + j % KEYS * 4L);
    }
    for (int j = count; j % KEYS != 0 && count > 0; j++) { // what was left there before may be anything
      long block = s.keys + (long) (j / KEYS) * s.d * KEYS * 4;
      for (int c = 0; c < s.d; c++) {
        set(block + (c * KEYS + j % KEYS) * 4L, 0f);
      }
    }
    for (int panel = 0; panel < s.panels; panel++) {
      int columns = Math.min(KEYS, s.dv - panel * KEYS);
      for (int j = 0; j < count; j++) {
        long to = s.values(panel) + j * AttentionVector.ROW;
        row(v + j * vRow + panel * AttentionVector.ROW, columns, to);
        for (int c = columns; c < KEYS; c++) {
          set(to + c * 4L, 0f);
        }
      }
    }
  }

  /** One key to one column of a block. */
  private static void transpose(long key, int d, float scale, long column) {
    for (int c = 0; c < d; c++) {
      set(column + c * (KEYS * 4L), get(key + c * 4L) * scale);
    }
  }

  private static void row(long from, int n, long to) {
    int c = 0;
    for (; c <= n - LANES; c += LANES) {
      store(load(from + c * 4L), to + c * 4L);
    }
    for (; c < n; c++) {
      set(to + c * 4L, get(from + c * 4L));
    }
  }

  /** The relative rows of a block of queries, scaled, with 64 copies of the first and of the last column around them. */
  static void relative(Arguments a, AttentionPlan s, int head, int row0, int count) {
    float scale = a.f32("scale");
    for (int r = 0; r < count; r++) {
      long from = address(a, "relative") + ((row0 + r) * a.stride("relative") + (long) head * s.span) * 4;
      long to = s.relative + r * s.relativeRow();
      for (int i = 0; i < KEYS; i++) {
        set(to + i * 4L, get(from) * scale);
        set(to + (KEYS + s.span + i) * 4L, get(from + (s.span - 1) * 4L) * scale);
      }
      for (int i = 0; i < s.span; i++) {
        set(to + (KEYS + i) * 4L, get(from + i * 4L) * scale);
      }
    }
  }

  /** Output row to y: the whole vectors, then the rest. */
  static void out(long row, int n, long y) {
    if (n % LANES == 0) {
      row(row, n, y);
    } else {
      copy(row, y, n);
    }
  }
}
