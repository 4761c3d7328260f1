package dev.syrinx.text.bytelevel;

import java.util.Comparator;
import java.util.Map;
import java.util.PriorityQueue;

/** Joins neighbouring tokens by rank, the lowest rank first, the leftmost among equals. O(n log n) in the length of a word. */
final class Merges {
  /** What a pair of neighbours becomes. */
  record Merge(int rank, int id) {}

  private record Candidate(int rank, int left, int id, int right) {
    static final Comparator<Candidate> FIRST = Comparator.comparingInt(Candidate::rank).thenComparingInt(Candidate::left);
  }

  private final Map<Long, Merge> merges;

  Merges(Map<Long, Merge> merges) {
    this.merges = Map.copyOf(merges);
  }

  static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  /** Merges in place; returns how many ids are left at the front. */
  int apply(int[] ids) {
    int[] next = new int[ids.length];
    int[] previous = new int[ids.length];
    PriorityQueue<Candidate> agenda = new PriorityQueue<>(Candidate.FIRST);
    for (int i = 0; i < ids.length; i++) {
      next[i] = i + 1 < ids.length ? i + 1 : -1;
      previous[i] = i - 1;
    }
    for (int i = 0; i + 1 < ids.length; i++) {
      consider(ids, i, i + 1, agenda);
    }
    for (Candidate best = agenda.poll(); best != null; best = agenda.poll()) {
      int left = best.left();
      int right = best.right();
      Merge merge = ids[left] < 0 || next[left] != right ? null : merges.get(pair(ids[left], ids[right]));
      if (merge == null || merge.id() != best.id()) {
        continue; // one of the two has been joined with something else meanwhile
      }
      ids[left] = merge.id();
      ids[right] = -1;
      next[left] = next[right];
      if (next[left] >= 0) {
        previous[next[left]] = left;
        consider(ids, left, next[left], agenda);
      }
      if (previous[left] >= 0) {
        consider(ids, previous[left], left, agenda);
      }
    }
    int count = 0;
    for (int id : ids) {
      if (id >= 0) {
        ids[count++] = id;
      }
    }
    return count;
  }

  private void consider(int[] ids, int left, int right, PriorityQueue<Candidate> agenda) {
    Merge merge = merges.get(pair(ids[left], ids[right]));
    if (merge != null) {
      agenda.add(new Candidate(merge.rank(), left, merge.id(), right));
    }
  }
}
