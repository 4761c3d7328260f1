package dev.syrinx.kernels.sample;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cells;
import java.lang.foreign.MemorySegment;

/** {@link AdvanceBeams} of one sequence, written for reading. */
final class BeamBooks {
  private final Arguments a;
  private final int s;
  private final int beams;
  private final int first;
  private final int step;
  private final int capacity;
  private final int vocabulary;

  BeamBooks(Arguments a, int s) {
    this.a = a;
    this.s = s;
    int width = a.dim("rows") / a.dim("sequences");
    beams = Cells.index(a, "beams", s, width + 1);
    first = s * width;
    step = get("steps", s);
    capacity = a.dim("capacity");
    vocabulary = a.i32("vocabulary");
  }

  void advance() {
    for (int r = first; r < first + a.dim("rows") / a.dim("sequences"); r++) {
      set("fills", r, 0);
      set("pairs", r * a.stride("pairs"), 0);
      set("pairs", r * a.stride("pairs") + 1, 0);
    }
    if (get("ends", s) != AdvanceBeams.OPEN) {
      return;
    }
    int end = beams > 1 ? search() : say();
    if (end != AdvanceBeams.BROKEN) {
      set("steps", s, step + 1);
    }
    if (end == AdvanceBeams.OPEN) {
      end = step + 1 >= get("most", s) || step + ProcessScores.PROMPT + 1 >= capacity ? AdvanceBeams.FULL : place();
    }
    set("ends", s, end);
  }

  /** Without beams. */
  private int say() {
    int id = get("drawn", s * a.stride("drawn")) % vocabulary;
    if (!(real("picked", s * a.stride("picked")) > Float.NEGATIVE_INFINITY) || step + ProcessScores.PROMPT >= capacity) {
      return AdvanceBeams.BROKEN;
    }
    if (id == a.i32("stop")) {
      return AdvanceBeams.STOPPED;
    }
    set("history", first * a.stride("history") + ProcessScores.PROMPT + step, id);
    set("ids", first, id);
    return AdvanceBeams.OPEN;
  }

  /** With beams. */
  private int search() {
    int[] order = sorted();
    if (order.length == 0 || step + ProcessScores.PROMPT >= capacity) {
      return AdvanceBeams.BROKEN;
    }
    int[] parents = new int[beams];
    int[] tokens = new int[beams];
    float[] sums = new float[beams];
    int taken = 0;
    for (int rank = 0; rank < order.length && taken < beams; rank++) {
      int index = get("drawn", s * a.stride("drawn") + order[rank]);
      int beam = Math.min(index / vocabulary, beams - 1);
      float sum = real("picked", s * a.stride("picked") + order[rank]);
      if (index % vocabulary != a.i32("stop")) {
        parents[taken] = beam;
        tokens[taken] = index % vocabulary;
        sums[taken++] = sum;
      } else if (rank < beams) {
        finish(beam, sum, rank);
      }
    }
    if (taken < beams) {
      return AdvanceBeams.BROKEN;
    }
    boolean settled = settled(real("picked", s * a.stride("picked") + order[0]));
    fork("history", ProcessScores.PROMPT + step, parents);
    fork("table", Math.min(a.dim("chain"), columns(get("lengths", first))), parents);
    for (int b = 0; b < beams; b++) {
      set("history", (first + b) * a.stride("history") + ProcessScores.PROMPT + step, tokens[b]);
      set("ids", first + b, tokens[b]);
      Cells.set(a.segment("sums"), first + b, sums[b]);
    }
    return settled ? AdvanceBeams.STOPPED : AdvanceBeams.OPEN;
  }

  /** Draws by falling score, equal ones as drawn; none if some score is not a number. */
  private int[] sorted() {
    int[] order = new int[2 * beams];
    for (int i = 0; i < order.length; i++) {
      float score = real("picked", s * a.stride("picked") + i);
      if (Float.isNaN(score)) {
        return new int[0];
      }
      int at = i;
      for (; at > 0 && score > real("picked", s * a.stride("picked") + order[at - 1]); at--) {
        order[at] = order[at - 1];
      }
      order[at] = i;
    }
    return order;
  }

  /** A sum made comparable across lengths. */
  private double normalised(float sum, int length) {
    return sum / Math.pow(length, real("penalty", s));
  }

  private double kept(int place) {
    return normalised(real("finished_sums", first + place), get("finished_at", first + place) / AdvanceBeams.RANKS + 1);
  }

  /** The worst hypothesis, the earliest of them on a tie. */
  private int worst() {
    int worst = 0;
    for (int i = 1; i < beams; i++) {
      boolean earlier = kept(i) == kept(worst) && get("finished_at", first + i) < get("finished_at", first + worst);
      worst = kept(i) < kept(worst) || earlier ? i : worst;
    }
    return worst;
  }

  private void finish(int beam, float sum, int rank) {
    int count = Math.min(get("kept", s), beams);
    int place = count;
    if (count == beams) {
      place = worst();
      if (!(normalised(sum, step + 1) > kept(place))) {
        return;
      }
    }
    set("kept", s, Math.min(beams, count + 1));
    Cells.set(a.segment("finished_sums"), first + place, sum);
    set("finished_at", first + place, step * AdvanceBeams.RANKS + rank);
    MemorySegment.copy(
        a.segment("history"), ((first + beam) * a.stride("history") + ProcessScores.PROMPT) * 4, a.segment("finished"), (first + place) * a.stride("finished") * 4,
        step * 4L);
  }

  private boolean settled(float best) {
    return get("kept", s) >= beams && kept(worst()) >= normalised(best, step + 1);
  }

  /** Columns 0 to count − 1 of row b become those of its parent. */
  private void fork(String param, int count, int[] parents) {
    int[] column = new int[beams];
    for (int c = 0; c < count; c++) {
      for (int b = 0; b < beams; b++) {
        column[b] = get(param, (first + parents[b]) * a.stride(param) + c);
      }
      for (int b = 0; b < beams; b++) {
        set(param, (first + b) * a.stride(param) + c, column[b]);
      }
    }
  }

  private int columns(int positions) {
    return (positions + a.i32("block_size") - 1) / a.i32("block_size");
  }

  /** A place for the next position of every beam. */
  private int place() {
    int length = get("lengths", first);
    int size = a.i32("block_size");
    int column = length / size;
    if (column >= a.dim("chain")) {
      return AdvanceBeams.NO_ROOM;
    }
    mark(columns(length));
    boolean[] wants = new boolean[beams];
    for (int b = 0; b < beams; b++) {
      wants[b] = length % size == 0;
      for (int other = 0; other < b; other++) {
        wants[b] |= table(b, column) == table(other, column);
      }
    }
    if (!serve(wants, column, length % size)) {
      return AdvanceBeams.NO_ROOM;
    }
    for (int b = 0; b < beams; b++) {
      set("slots", first + b, table(b, column) * size + length % size);
      set("lengths", first + b, length + 1);
      set("positions", first + b, step + 2); // code k lies at k + 1: the reference never uses position 1
    }
    return AdvanceBeams.OPEN;
  }

  private int table(int beam, int column) {
    return get("table", (first + beam) * a.stride("table") + column);
  }

  private void mark(int columns) {
    for (int b = 0; b < beams; b++) {
      for (int c = 0; c < columns; c++) {
        set("marks", Cells.index(a, "table", (first + b) * a.stride("table") + c, a.dim("blocks")), step + 1);
      }
    }
  }

  /** Own blocks that nobody names, in order, for the beams that want one; tells how many are left. */
  private boolean serve(boolean[] wants, int column, int fill) {
    int next = 0;
    int spare = 0;
    for (int i = 0; i < get("held", s); i++) {
      int block = Cells.index(a, "owned", s * a.stride("owned") + i, a.dim("blocks"));
      if (get("marks", block) == step + 1) {
        continue;
      }
      while (next < beams && !wants[next]) {
        next++;
      }
      if (next == beams) {
        spare++;
        continue;
      }
      set("marks", block, step + 1);
      long pair = (first + next) * a.stride("pairs");
      set("pairs", pair, fill == 0 ? 0 : table(next, column));
      set("pairs", pair + 1, fill == 0 ? 0 : block);
      set("fills", first + next, fill);
      set("table", (first + next) * a.stride("table") + column, block);
      next++;
    }
    set("spare", s, spare);
    while (next < beams && !wants[next]) {
      next++;
    }
    return next == beams;
  }

  private int get(String param, long at) {
    return Cells.getInt(a.segment(param), at);
  }

  private float real(String param, long at) {
    return Cells.get(a.segment(param), at);
  }

  private void set(String param, long at, int value) {
    Cells.setInt(a.segment(param), at, value);
  }
}
