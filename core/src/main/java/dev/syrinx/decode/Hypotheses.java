package dev.syrinx.decode;

import java.util.ArrayList;
import java.util.List;

/** The best finished beams, at most as many as there are beams. */
final class Hypotheses {
  private final int limit;
  private final double lengthPenalty;
  private final List<Hypothesis> kept = new ArrayList<>();

  Hypotheses(int limit, double lengthPenalty) {
    this.limit = limit;
    this.lengthPenalty = lengthPenalty;
  }

  /** A sum of scores made comparable across lengths. */
  double normalised(double sum, int length) {
    return sum / Math.pow(length, lengthPenalty);
  }

  /**
   * Keeps a hypothesis if there is room or a worse one.
   *
   * @param length codes it counts for, its stop id included
   */
  void add(int[] codes, double sum, int length, boolean stopped) {
    double score = normalised(sum, length);
    if (kept.size() >= limit && !(score > worst())) {
      return;
    }
    kept.add(new Hypothesis(codes, score, stopped));
    if (kept.size() > limit) {
      kept.remove(lowest());
    }
  }

  /** Whether no open beam can still get in: the best sum of this step would not beat the worst kept. */
  boolean settled(double bestSum, int length) {
    return kept.size() >= limit && worst() >= normalised(bestSum, length);
  }

  /** The best; the latest on a tie. */
  Hypothesis best() {
    Hypothesis best = kept.getFirst();
    for (Hypothesis one : kept) {
      best = one.score() >= best.score() ? one : best;
    }
    return best;
  }

  private double worst() {
    return kept.get(lowest()).score();
  }

  /** The first of the lowest. */
  private int lowest() {
    int lowest = 0;
    for (int i = 1; i < kept.size(); i++) {
      lowest = kept.get(i).score() < kept.get(lowest).score() ? i : lowest;
    }
    return lowest;
  }
}
