package dev.syrinx.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Pcm16Test {
  @Test
  void returnedArrayEqualsTheOfficialOne() throws IOException {
    Golden golden = Golden.stage("bigvgan");
    short[] actual = Pcm16.truncated(Pcm16.scaled(golden.floats("wav")));
    long[] expected = golden.longs("int16");
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < actual.length; i++) {
      assertEquals(expected[i], actual[i], "sample " + i);
    }
  }

  /** The samples before rounding are not in the golden data: both roundings of the same unknown sample must be able to happen together. */
  @ParameterizedTest
  @ValueSource(strings = {"one", "two", "vector", "sampled"})
  void fileFormFitsTheOfficialPairs(String name) throws IOException {
    Golden golden = Golden.stage("e2e");
    long[] returned = golden.longs(name + "_int16");
    long[] written = golden.longs(name + "_file_int16");
    for (int i = 0; i < returned.length; i++) {
      float towardsZero = returned[i];
      float awayFromZero = towardsZero + Math.copySign(1 - 1e-3f, towardsZero);
      float low = returned[i] == 0 ? -awayFromZero : Math.min(towardsZero, awayFromZero);
      float high = Math.max(towardsZero, awayFromZero);
      short[] range = Pcm16.forFile(new float[] {low, high});
      int at = i;
      assertTrue(range[0] <= written[i] && written[i] <= range[1], () -> "sample %d: returned %d, written %d, possible %d to %d"
          .formatted(at, returned[at], written[at], range[0], range[1]));
    }
  }

  @Test
  void edges() {
    float[] scaled = Pcm16.scaled(new float[] {0f, 1f, -1f, 2f, Float.NEGATIVE_INFINITY, 0.9999f / 32767, -0.9999f / 32767});
    assertArrayEquals(new short[] {0, 32767, -32767, 32767, -32767, 0, 0}, Pcm16.truncated(scaled));
    assertArrayEquals(new short[] {0, 32767, -32768, 32767, -32768, 0, -1}, Pcm16.forFile(scaled));
    AudioException e = assertThrows(AudioException.class, () -> Pcm16.scaled(new float[] {0, 0, Float.NaN}));
    assertTrue(e.getMessage().contains("sample 2"), e.getMessage());
  }
}
