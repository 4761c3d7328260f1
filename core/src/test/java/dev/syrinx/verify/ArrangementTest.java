package dev.syrinx.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.syrinx.decode.StopReason;
import org.junit.jupiter.api.Test;

class ArrangementTest {
  private static final int STOP = 9;
  private static final int[] CODES = {4, 5};

  @Test
  void goldenSequencesThatKeepTheStopCodeAreMetByCodesThatEndedWithOne() {
    int[] kept = {4, 5, STOP};
    assertArrayEquals(kept, Arrangement.ended(CODES, StopReason.STOP_TOKEN, kept, STOP));
    assertArrayEquals(CODES, Arrangement.ended(CODES, StopReason.MAX_TOKENS, kept, STOP));
  }

  @Test
  void noStopCodeIsAddedWhereTheGoldenSequenceHasNone() {
    assertArrayEquals(CODES, Arrangement.ended(CODES, StopReason.STOP_TOKEN, CODES, STOP));
    assertArrayEquals(CODES, Arrangement.ended(CODES, StopReason.STOP_TOKEN, new int[0], STOP));
  }
}
