package dev.syrinx.kernels.attention;

import static dev.syrinx.kernels.Memory.address;

import dev.syrinx.kernels.Arguments;
import java.lang.foreign.MemorySegment;

/**
 * Vector body of {@link DecodeAttention}: bound by the reading of keys and values.
 *
 * <p>A unit is a group of heads of one sequence that walk the positions together, a few positions at a time: a head alone would read a short piece of every cache row,
 * which no prefetcher follows (two threads, 340 positions of 20 heads of 64: 15 GB/s by groups, 10 by heads).
 */
final class DecodeAttentionVector {
  /** Positions that all heads visit before the next. */
  private static final int STEP = 16;

  /** Groups of a sequence: enough for a few threads. */
  private static final int GROUPS = 4;

  private DecodeAttentionVector() {}

  static int units(Arguments a) {
    return a.dim("batch") * groups(a);
  }

  private static int groups(Arguments a) {
    return Math.min(GROUPS, a.i32("heads"));
  }

  /** For each head: a weight for each position, an output row, the sum of the weights. */
  static long scratchBytes(Arguments a) {
    return a.i32("heads") * (weightRow(a) + outputRow(a) + 4L);
  }

  private static long weightRow(Arguments a) {
    return (a.dim("blocks") * (long) a.i32("block_size") + 15) / 16 * 64;
  }

  private static long outputRow(Arguments a) {
    return (a.dim("width") / a.i32("heads") + 15) / 16 * 64L;
  }

  static void run(Arguments a, int begin, int end, MemorySegment scratch) {
    int groups = groups(a);
    int heads = a.i32("heads");
    for (int unit = begin; unit < end; ) {
      int b = unit / groups;
      int next = Math.min(end, (b + 1) * groups);
      sequence(a, b, (unit - b * groups) * heads / groups, (next - b * groups) * heads / groups, scratch.address());
      unit = next;
    }
  }

  /** Heads {@code from} to {@code to} of sequence b. */
  private static void sequence(Arguments a, int b, int from, int to, long weights) {
    int heads = a.i32("heads");
    int d = a.dim("width") / heads;
    int length = DecodeAttention.length(a, b);
    long outputs = weights + heads * weightRow(a);
    long sums = outputs + heads * outputRow(a);
    walk(a, b, from, to, length, weights, 0);
    for (int h = from; h < to; h++) {
      DecodeRows.softmax(weights + h * weightRow(a), length, sums + h * 4L);
      DecodeRows.clear(outputs + h * outputRow(a), outputRow(a));
    }
    walk(a, b, from, to, length, weights, outputs);
    long y = address(a, "y") + b * a.stride("y") * 4;
    for (int h = from; h < to; h++) {
      DecodeRows.finish(outputs + h * outputRow(a), sums + h * 4L, length, y + (long) h * d * 4, d);
    }
  }

  /** Visits the positions of sequence b: scores into weights, or, if there are outputs, weights times values added to them. */
  private static void walk(Arguments a, int b, int from, int to, int length, long weights, long outputs) {
    boolean scoring = outputs == 0;
    int d = a.dim("width") / a.i32("heads");
    int perGroup = a.i32("heads") / a.i32("kv_heads");
    long row = a.stride(scoring ? "keys" : "values") * 4;
    long cache = address(a, scoring ? "keys" : "values");
    long q = address(a, "q") + b * a.stride("q") * 4;
    float scale = a.f32("scale");
    long weightRow = weightRow(a);
    long outputRow = outputRow(a);
    PagedRows rows = PagedRows.of(a, b, length);
    for (int p = 0; p < length; ) {
      int n = rows.run(p, STEP);
      long first = cache + rows.row(p) * row;
      for (int h = from; h < to; h++) {
        long head = first + (long) (h / perGroup) * d * 4;
        long w = weights + h * weightRow + p * 4L;
        if (scoring) {
          DecodeRows.dots(q + (long) h * d * 4, head, row, n, d, scale, w);
        } else {
          DecodeRows.add(w, head, row, n, d, outputs + h * outputRow);
        }
      }
      p += n;
    }
  }
}
