package dev.syrinx.decode;

import java.util.Arrays;

/**
 * Which draws become beams: the walk over a step's draws, finished hypotheses, and when to end. Host logic, one sequence.
 *
 * <p>The 2·beams draws are sorted by score, equal scores in the order of the draws. A stop id among the first {@code beams} ranks finishes
 * its beam, one below is dropped; anything else takes the next free beam. Entries of probability 0 may take a beam too, with a score of −∞,
 * when too few others were drawn.
 */
final class BeamSearch implements Chooser {
  private final int beams;
  private final int vocabulary;
  private final int stop;
  private final Hypotheses hypotheses;
  private final Lineage codes;
  private final int[] order;
  private final int[] parents;
  private final int[] tokens;
  private final float[] next;
  private final float[] scores;
  private int length;
  private boolean done;

  BeamSearch(SamplingOptions options, int vocabulary, int stop) {
    this.vocabulary = vocabulary;
    this.stop = stop;
    beams = options.beams();
    hypotheses = new Hypotheses(beams, options.lengthPenalty());
    codes = new Lineage(beams, options.maxTokens());
    order = new int[options.draws()];
    parents = new int[beams];
    tokens = new int[beams];
    next = new float[beams];
    scores = new float[beams];
    Arrays.fill(scores, 1, beams, -1e9f); // all beams start alike: only the first may be continued
  }

  @Override
  public boolean advance(int[] drawn, float[] picked) {
    sort(picked);
    int slot = 0;
    for (int rank = 0; rank < order.length && slot < beams; rank++) {
      int beam = drawn[order[rank]] / vocabulary;
      int id = drawn[order[rank]] % vocabulary;
      float score = picked[order[rank]];
      if (id != stop) {
        parents[slot] = beam;
        tokens[slot] = id;
        next[slot++] = score;
      } else if (rank < beams) {
        hypotheses.add(Arrays.copyOf(codes.of(beam), length), score, length + 1, true);
      }
    }
    if (slot < beams) {
      throw new DecodeException(
          "step " + length + ": " + (order.length - slot) + " of " + order.length + " draws are stop ids; draws must differ");
    }
    done = hypotheses.settled(picked[order[0]], length + 1);
    codes.fork(parents, length);
    for (int beam = 0; beam < beams; beam++) {
      codes.of(beam)[length] = tokens[beam];
      scores[beam] = next[beam];
    }
    length++;
    return !done;
  }

  private void sort(float[] picked) {
    for (int i = 0; i < order.length; i++) {
      if (Float.isNaN(picked[i])) {
        throw new DecodeException("step " + length + ": the scores are not numbers; are the weights damaged, or stored too narrowly?");
      }
      int at = i;
      for (; at > 0 && picked[i] > picked[order[at - 1]]; at--) {
        order[at] = order[at - 1];
      }
      order[at] = i;
    }
  }

  @Override
  public int[] codes(int beam) {
    return codes.of(beam);
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public int[] parents() {
    return parents;
  }

  @Override
  public int[] tokens() {
    return tokens;
  }

  @Override
  public float[] scores() {
    return scores;
  }

  /** Open beams join the finished ones unless those are settled. */
  @Override
  public Hypothesis finish() {
    if (!done) {
      for (int beam = 0; beam < beams; beam++) {
        hypotheses.add(Arrays.copyOf(codes.of(beam), length), scores[beam], length, false);
      }
    }
    return hypotheses.best();
  }
}
