package dev.syrinx.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The walk over draws, by hand. Two beams, ids 0 to 9, of which 9 ends. */
class BeamSearchTest {
  private static final int STOP = 9;
  private static final float NONE = Float.NEGATIVE_INFINITY;

  private static BeamSearch search(double lengthPenalty) {
    return new BeamSearch(SamplingOptions.defaults().withBeams(2).withLengthPenalty(lengthPenalty).withMaxTokens(6), 10, STOP);
  }

  @Test
  void onlyTheFirstBeamIsOpenAtFirst() {
    assertArrayEquals(new float[] {0, -1e9f}, search(0).scores());
  }

  @Test
  void drawsAreSortedByScoreAndFillTheBeams() {
    BeamSearch search = search(0);
    assertTrue(search.advance(new int[] {4, 17, 3, 2}, new float[] {-3, -1e9f, -1, -2}));
    assertArrayEquals(new int[] {3, 2}, search.tokens());
    assertArrayEquals(new float[] {-1, -2}, search.scores());
    assertTrue(search.advance(new int[] {5, 16, 6, 12}, new float[] {-4, -3, -3, -9}));
    assertArrayEquals(new int[] {6, 6}, search.tokens(), "equal scores stay in the order of the draws");
    assertArrayEquals(new int[] {1, 0}, search.parents());
    assertArrayEquals(new int[] {2, 6}, java.util.Arrays.copyOf(search.codes(0), 2));
    assertArrayEquals(new int[] {3, 6}, java.util.Arrays.copyOf(search.codes(1), 2));
  }

  @Test
  void impossibleDrawsMayTakeABeam() {
    BeamSearch search = search(0);
    search.advance(new int[] {4, 9, 0, 11}, new float[] {-1, -2, NONE, -1e9f});
    assertArrayEquals(new int[] {4, 1}, search.tokens());
    assertArrayEquals(new float[] {-1, -1e9f}, search.scores());
    search.advance(new int[] {5, 12, 13, 14}, new float[] {-2, NONE, NONE, NONE});
    assertArrayEquals(new float[] {-2, NONE}, search.scores());
  }

  @Test
  void aStopIdCountsOnlyAmongTheFirstRanks() {
    BeamSearch dropped = search(0);
    dropped.advance(new int[] {3, 4, 9, 5}, new float[] {-1, -2, -3, -4});
    Hypothesis open = dropped.finish();
    assertArrayEquals(new int[] {3}, open.codes());
    assertFalse(open.stopped());

    BeamSearch kept = search(0);
    kept.advance(new int[] {3, 9, 4, 5}, new float[] {-2, -1, -3, -4});
    Hypothesis stopped = kept.finish();
    assertTrue(stopped.stopped());
    assertArrayEquals(new int[0], stopped.codes());
    assertEquals(-1, stopped.score());
  }

  @Test
  void endsWhenNoOpenBeamCanGetIn() {
    BeamSearch search = search(0);
    assertTrue(search.advance(new int[] {9, 3, 4, 5}, new float[] {-1, -2, -3, -4}));
    assertTrue(search.advance(new int[] {9, 5, 16, 17}, new float[] {-5, -4, -4.5f, -6}), "the stop id of rank 2 is dropped");
    assertFalse(
        search.advance(new int[] {9, 5, 16, 17}, new float[] {-6, -7, -8, -9}),
        "two hypotheses, and nothing open is better than the worse");
    Hypothesis best = search.finish();
    assertEquals(-1, best.score());
    assertArrayEquals(new int[0], best.codes());
  }

  /** The stop id counts for the length of a finished beam: −4/2 against −6/4. */
  @Test
  void lengthPenaltyFavoursLongBeams() {
    for (double penalty : new double[] {0, 1}) {
      BeamSearch search = search(penalty);
      search.advance(new int[] {3, 4, 5, 6}, new float[] {-1, -2, -3, -4});
      search.advance(new int[] {9, 5, 16, 17}, new float[] {-4, -4.1f, -4.2f, -6});
      search.advance(new int[] {5, 16, 6, 17}, new float[] {-4.5f, -5, -6, -7});
      search.advance(new int[] {9, 5, 16, 17}, new float[] {-6, -6.1f, -6.2f, -7});
      Hypothesis best = search.finish();
      assertEquals(penalty == 0 ? -4 : -6 / 4.0, best.score(), 1e-12);
      assertEquals(penalty == 0 ? 1 : 3, best.codes().length);
      assertTrue(best.stopped());
    }
  }

  @Test
  void openBeamsCountForTheirCodes() {
    BeamSearch search = search(1);
    search.advance(new int[] {3, 4, 5, 6}, new float[] {-1, -2, -3, -4});
    search.advance(new int[] {3, 14, 5, 6}, new float[] {-3, -3.5f, -5, -6});
    Hypothesis best = search.finish();
    assertEquals(-1.5, best.score());
    assertArrayEquals(new int[] {3, 3}, best.codes());
  }

  @Test
  void theLatestWinsATie() {
    Hypotheses hypotheses = new Hypotheses(2, 0);
    hypotheses.add(new int[] {1}, -3, 2, true);
    hypotheses.add(new int[] {2}, -3, 2, true);
    hypotheses.add(new int[] {3}, -3, 2, true);
    assertArrayEquals(new int[] {2}, hypotheses.best().codes(), "an equal one does not displace");
    hypotheses.add(new int[] {4}, -2, 2, true);
    hypotheses.add(new int[] {5}, -1, 2, true);
    assertFalse(hypotheses.settled(-1.5, 1));
    assertTrue(hypotheses.settled(-2, 1));
    assertArrayEquals(new int[] {5}, hypotheses.best().codes());
  }

  @Test
  void scoresThatAreNoNumbersAreRefused() {
    DecodeException e =
        assertThrows(DecodeException.class, () -> search(0).advance(new int[] {1, 2, 3, 4}, new float[] {-1, Float.NaN, -2, -3}));
    assertTrue(e.getMessage().contains("not numbers"), e.getMessage());
  }
}
