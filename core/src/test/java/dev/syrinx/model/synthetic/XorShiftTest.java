package dev.syrinx.model.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Jumping ahead changes nothing about the sequence. */
class XorShiftTest {
  private static final long START = 0x9E3779B97F4A7C15L;

  @Test
  void jumpsAreSteps() {
    long state = START;
    for (int steps = 0; steps < 1000; steps++) {
      assertEquals(state, XorShift.after(START, steps), "after " + steps);
      state = XorShift.next(state);
    }
  }

  @Test
  void arraysOfAnyLengthAreTheSequence() {
    float[] expected = new float[(1 << 20) + 12345];
    long state = START;
    for (int i = 0; i < expected.length; i++) {
      state ^= state << 13;
      state ^= state >>> 7;
      state ^= state << 17;
      expected[i] = 0.5f + 0.25f * ((state >> 40) * 0x1p-23f);
    }
    for (int length : new int[] {0, 1, 1000, 1 << 18, (1 << 18) + 1, expected.length}) {
      float[] values = new float[length];
      XorShift.fill(values, 0.5f, 0.25f, START);
      assertArrayEquals(java.util.Arrays.copyOf(expected, length), values, "length " + length);
    }
  }
}
