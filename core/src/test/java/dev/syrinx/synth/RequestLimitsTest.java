package dev.syrinx.synth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.decode.DecodeException;
import dev.syrinx.text.TextException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestLimitsTest {
  @Test
  void theOfficialLengthOfSegmentsIsLoweredToWhatASmallModelHasPositionsFor() {
    assertEquals(100, Engine.fitting(120, 100));
    assertEquals(120, Engine.fitting(120, 600));
  }

  @Test
  void aLengthThatSomeoneChoseStays() {
    assertEquals(121, Engine.fitting(121, 100));
    assertEquals(40, Engine.fitting(40, 100));
  }

  @Test
  void codesWithoutASoundAreNamed() {
    Speaker.requireSounds(0, new int[] {0, 63}, 64);
    DecodeException start = assertThrows(DecodeException.class, () -> Speaker.requireSounds(1, new int[] {5, 64}, 64));
    assertTrue(start.getMessage().startsWith("segment 2: code 1 is 64, and the codebook ends at 63"), start.getMessage());
    assertThrows(DecodeException.class, () -> Speaker.requireSounds(0, new int[] {-1}, 64));
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, 1e30f, -101})
  void alphasThatWouldOverflowInsideTheModelAreRefused(float alpha) {
    assertThrows(TextException.class, () -> new Emotion.OfAudio(Path.of("clip.wav"), alpha));
  }
}
